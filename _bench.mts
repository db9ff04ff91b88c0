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
for (const [h,c,s,k] of [[56,64,1,3],[28,128,1,3],[14,256,1,3],[28,128,2,3],[28,128,2,2]] as const){
 const N=8; const x=rnd([N,h,h,c]) as tf.Tensor4D, w=rnd([k,k,c,1]) as tf.Tensor4D;
 const pad=k===2?"valid":"same";
 const info=tf.backend_util.computeConv2DInfo(x.shape,[k,k,c,c],s,1,pad,undefined,true);
 const y=tf.depthwiseConv2d(x,w,s,pad); const dy=rnd(y.shape) as tf.Tensor4D;
 console.log(h,c,"stride",s,"k",k);
 console.log("  dw fwd",time(()=>tf.depthwiseConv2d(x,w,s,pad)),"avg fwd",time(()=>tf.avgPool(x,k,s,pad)),"max fwd",time(()=>tf.maxPool(x,k,s,pad)));
 console.log("  dw filter loop",time(()=>host([x,dy],[k,k,c,1],(out,X,D)=>{const acc=new Float64Array(k*k*c);taps(info,(i,o,t)=>{const base=t*c;for(let j=0;j<c;j++)acc[base+j]+=X[i+j]*D[o+j];});out.set(acc);})));
 console.log("  dw filter loop f32",time(()=>host([x,dy],[k,k,c,1],(out,X,D)=>{const acc=new Float32Array(k*k*c);taps(info,(i,o,t)=>{const base=t*c;for(let j=0;j<c;j++)acc[base+j]=Math.fround(acc[base+j]+Math.fround(X[i+j]*D[o+j]));});out.set(acc);})));
 console.log("  dw input loop",time(()=>host([dy,w],x.shape,(out,D,W)=>{taps(info,(i,o,t)=>{const base=t*c;for(let j=0;j<c;j++)out[i+j]+=D[o+j]*W[base+j];});})));
 console.log("  dw input loop f32",time(()=>host([dy,w],x.shape,(out,D,W)=>{const f=Math.fround;taps(info,(i,o,t)=>{const base=t*c;for(let j=0;j<c;j++)out[i+j]=f(out[i+j]+f(D[o+j]*W[base+j]));});})));
 if(s===1) console.log("  dw input composite",time(()=>tf.tidy(()=>tf.depthwiseConv2d(dy,tf.reverse(w,[0,1]),1,"same"))));
 // filter composite: taps as slices
 const {top,bottom,left,right}=info.padInfo;
 console.log("  dw filter taps composite",time(()=>tf.tidy(()=>{const [,oh,ow]=y.shape;const xp=tf.pad(tf.reshape(x,[N,h,h*c]),[[0,0],[top,bottom],[left*c,right*c]]);const ones=tf.ones([1,N*oh*ow]);const rows=[];for(let i=0;i<k;i++)for(let j=0;j<k;j++){let t:any;if(s===1)t=tf.slice(xp,[0,i,j*c],[N,oh,ow*c]);else t=tf.stridedSlice(tf.reshape(xp,[N,h+top+bottom,h+left+right,c]),[0,i,j,0],[N,i+(oh-1)*s+1,j+(ow-1)*s+1,c],[1,s,s,1]);rows.push(tf.matMul(ones,tf.reshape(tf.mul(tf.reshape(t,y.shape),dy),[N*oh*ow,c])));}return tf.reshape(tf.concat(rows),[k,k,c,1]);})));
 console.log("  avg loop",time(()=>host([dy],x.shape,(out,D)=>{const v=1/(k*k);taps(info,(i,o)=>{for(let j=0;j<c;j++)out[i+j]+=D[o+j]*v;});})));
 if(s===1) console.log("  avg composite",time(()=>tf.tidy(()=>tf.mul(tf.avgPool(tf.reshape(tf.pad(tf.reshape(dy,[N,h,h*c]),[[0,0],[k-1-top,k-1-bottom],[(k-1-left)*c,(k-1-right)*c]]),[N,h+k-1,h+k-1,c]) as any,k,1,"valid"),k*k))));
 const ym=tf.maxPool(x,k,s,pad);
 console.log("  max loop",time(()=>host([x,ym,dy],x.shape,(out,X,Y,D)=>{const pos=new Int32Array(Y.length).fill(-1);taps(info,(i,o)=>{for(let j=0;j<c;j++)if(X[i+j]===Y[o+j]&&pos[o+j]<0)pos[o+j]=i+j;});for(let o=0;o<pos.length;o++)if(pos[o]>=0)out[pos[o]]+=D[o];})));
 console.log("  max loop 2",time(()=>host([x,ym,dy],x.shape,(out,X,Y,D)=>{const rest=D.slice();taps(info,(i,o)=>{for(let j=0;j<c;j++){if(X[i+j]===Y[o+j]){out[i+j]+=rest[o+j];rest[o+j]=0;}}});})));
 console.log("  max wasm",time(()=>(tf.engine() as any).runKernel("MaxPoolGrad",{dy,input:x,output:ym},{filterSize:[k,k],strides:[s,s],pad})),"avg wasm",time(()=>(tf.engine() as any).runKernel("AvgPoolGrad",{dy,input:x},{filterSize:[k,k],strides:[s,s],pad})));
 tf.disposeVariables(); [x,w,y,dy,ym].forEach(t=>t.dispose());
}
