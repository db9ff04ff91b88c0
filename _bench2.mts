// measures candidates
import * as tf from "@tensorflow/tfjs-core";
import { useBackend } from "./packages/core/src/backend/use-backend.ts";
await useBackend("wasm");
const wasm = tf.backend() as any;
const rnd=(s:number[])=>{const n=s.reduce((a,b)=>a*b,1);let z=1;return tf.tensor(Float32Array.from({length:n},()=>{z=(z*1103515245+12345)%2147483648;return z/1073741824-1}),s);};
const time=(f:()=>any,n=7)=>{tf.dispose(f());tf.dispose(f());const ts:number[]=[];for(let i=0;i<n;i++){const t=performance.now();const r=f();ts.push(performance.now()-t);tf.dispose(r);}return ts.sort((a,b)=>a-b)[n>>1].toFixed(2)};
function taps(info:any, visit:(i:number,o:number,t:number)=>void){
 const {batchSize,inHeight,inWidth,inChannels,outHeight,outWidth,outChannels,filterHeight,filterWidth,strideHeight,strideWidth,padInfo:{top,left}}=info;
 for(let b=0;b<batchSize;b++)for(let oy=0;oy<outHeight;oy++)for(let fy=0;fy<filterHeight;fy++){const y=oy*strideHeight+fy-top; if(y<0||y>=inHeight)continue;
  for(let ox=0;ox<outWidth;ox++){const o=((b*outHeight+oy)*outWidth+ox)*outChannels;
  for(let fx=0;fx<filterWidth;fx++){const x=ox*strideWidth+fx-left;if(x<0||x>=inWidth)continue;visit(((b*inHeight+y)*inWidth+x)*inChannels,o,fy*filterWidth+fx);}}}
}
function host(inputs:tf.Tensor[],shape:number[],fill:(out:Float32Array,...ins:Float32Array[])=>void){
  const out=wasm.makeOutput(shape,"float32");const o=wasm.typedArrayFromHeap(out);o.fill(0);fill(o,...inputs.map(i=>wasm.typedArrayFromHeap(i)));
  return tf.engine().makeTensorFromTensorInfo(out);
}

function placed(dy:tf.Tensor4D,info:any){
 const {batchSize:N,inHeight,inWidth,outChannels:c,outHeight,outWidth,filterHeight,filterWidth,strideHeight:sh,strideWidth:sw,padInfo:{top,left}}=info;
 const H=inHeight+filterHeight-1,W=inWidth+filterWidth-1;
 const out=wasm.makeOutput([N,H,W,c],"float32");const heap=new Float32Array(wasm.wasm.HEAPU8.buffer);
 const o=wasm.getMemoryOffset(out.dataId)/4,d=wasm.getMemoryOffset(dy.dataId)/4;heap.fill(0,o,o+N*H*W*c);
 const run=sw===1?outWidth*c:c, per=sw===1?1:outWidth;
 for(let n=0;n<N;n++)for(let y=0;y<outHeight;y++){const Y=y*sh+filterHeight-1-top;if(Y<0||Y>=H)continue;for(let x=0;x<per;x++){const X=x*sw+filterWidth-1-left;const from=d+((n*outHeight+y)*outWidth+x)*c;heap.copyWithin(o+((n*H+Y)*W+X)*c,from,from+run);}}
 return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D;
}
function dwFilter(x:tf.Tensor4D,dy:tf.Tensor4D,info:any,images:number){
 const {batchSize:N,inHeight,inWidth,inChannels:C,outHeight,outWidth,filterHeight:fh,filterWidth:fw,strideHeight:sh,strideWidth:sw,padInfo:{top,left}}=info;
 const bh=Math.ceil(outHeight/5),bw=Math.ceil(outWidth/5),th=Math.ceil(outHeight/bh),tw=Math.ceil(outWidth/bw);
 const ph=(th-1)*sh+fh,pw=(tw-1)*sw+fw;const sums:tf.Tensor[]=[];
 for(let n0=0;n0<N;n0+=images){const M=Math.min(images,N-n0);const B=M*bh*bw;
 const gather=(src:tf.Tensor,h:number,w:number,rows:number,cols:number,stepY:number,stepX:number,t:number,l:number,shape:number[])=>{
  const out=wasm.makeOutput(shape,"float32");const heap=new Float32Array(wasm.wasm.HEAPU8.buffer);const o=wasm.getMemoryOffset(out.dataId)/4,s=wasm.getMemoryOffset(src.dataId)/4;heap.fill(0,o,o+rows*cols*B*C);
  for(let r=0;r<rows;r++)for(let q=0;q<cols;q++)for(let m=0;m<M;m++)for(let by=0;by<bh;by++){const y=by*stepY+r-t;if(y<0||y>=h)continue;for(let bx=0;bx<bw;bx++){const xx=bx*stepX+q-l;if(xx<0||xx>=w)continue;const from=s+(((n0+m)*h+y)*w+xx)*C;heap.copyWithin(o+((r*cols+q)*B+(m*bh+by)*bw+bx)*C,from,from+C);}}
  return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D;};
 const X=gather(x,inHeight,inWidth,ph,pw,th*sh,tw*sw,top,left,[1,ph,pw,B*C]);
 const D=gather(dy,outHeight,outWidth,th,tw,th,tw,0,0,[th,tw,B*C,1]);
 const y=tf.depthwiseConv2d(X,D,1,"valid","NHWC",[sh,sw]);
 sums.push(tf.sum(tf.reshape(y,[fh*fw,B,C]),1));}
 return tf.reshape(tf.addN(sums),[fh,fw,C,1]);
}
function maxEarly(x:any,y:any,dy:any,info:any){
 const {batchSize:N,inHeight:H,inWidth:W,inChannels:C,outHeight,outWidth,filterHeight:fh,filterWidth:fw,strideHeight:sh,strideWidth:sw,padInfo:{top,left}}=info;
 return host([x,y,dy],x.shape,(out,X,Y,D)=>{
 for(let n=0;n<N;n++)for(let oy=0;oy<outHeight;oy++)for(let ox=0;ox<outWidth;ox++){
  const y0=Math.max(0,oy*sh-top),y1=Math.min(H,oy*sh-top+fh),x0=Math.max(0,ox*sw-left),x1=Math.min(W,ox*sw-left+fw);
  const o=((n*outHeight+oy)*outWidth+ox)*C;
  for(let c=0;c<C;c++){const max=Y[o+c]; 
   search: for(let yy=y0;yy<y1;yy++){let i=((n*H+yy)*W+x0)*C+c; for(let xx=x0;xx<x1;xx++,i+=C) if(X[i]===max){out[i]+=D[o+c];break search;}}
  }}});
}
for (const [h,c,s,k] of [[56,64,1,3],[28,128,1,3],[14,256,1,3],[28,128,2,3],[28,128,2,2]] as const){
 const N=8; const x=rnd([N,h,h,c]) as tf.Tensor4D, w=rnd([k,k,c,1]) as tf.Tensor4D;
 const pad=k===2?"valid":"same";
 const info=tf.backend_util.computeConv2DInfo(x.shape,[k,k,c,1],s,1,pad,undefined,true);
 const y=tf.depthwiseConv2d(x,w,s,pad); const dy=rnd(y.shape) as tf.Tensor4D;
 const ym=tf.maxPool(x,k,s,pad);
 console.log(h,c,"stride",s,"k",k,"fwd dw",time(()=>tf.depthwiseConv2d(x,w,s,pad)),"avg",time(()=>tf.avgPool(x,k,s,pad)),"max",time(()=>tf.maxPool(x,k,s,pad)),"relu",time(()=>tf.relu(x)));
 console.log("  dw input",time(()=>tf.tidy(()=>tf.depthwiseConv2d(placed(dy,info),tf.reverse(w,[0,1]),1,"valid"))),"placed",time(()=>placed(dy,info)),"avg",time(()=>tf.tidy(()=>tf.avgPool(placed(dy,info),k,1,"valid"))));
 const ref=host([x,dy],[k,k,c,1],(out,X,D)=>{const acc=new Float64Array(k*k*c);taps(info,(i,o,t)=>{const base=t*c;for(let j=0;j<c;j++)acc[base+j]+=X[i+j]*D[o+j];});out.set(acc);}).dataSync();
 for(const m of [1,2,8]) {const r=tf.tidy(()=>dwFilter(x,dy,info,m)).dataSync();console.log("  dw filter blocks",m,time(()=>tf.tidy(()=>dwFilter(x,dy,info,m))),"dev",Math.max(...ref.map((v,i)=>Math.abs(v-r[i]))));}
 console.log("  max early",time(()=>maxEarly(x,ym,dy,info)));
}
