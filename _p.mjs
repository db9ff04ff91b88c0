import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu"; import "@tensorflow/tfjs-backend-wasm"; import "@tensorflow/tfjs-layers";
await tf.setBackend("wasm"); await tf.ready();
const rnd=(s)=>tf.randomUniform(s,-1,1,"float32",7);
const time=(f,n=5)=>{f().dispose?.();const ts=[];for(let i=0;i<n;i++){const t=performance.now();const r=f();r.dataSync();ts.push(performance.now()-t);r.dispose();}return ts.sort((a,b)=>a-b)[n>>1].toFixed(2)};
const N=8;
for (const [h,c] of [[56,64],[28,128],[14,256]]) {
 const x=rnd([N,h,h,c]);
 const f=rnd([3,3,c,1]);
 console.log(h,c,"dw fwd",time(()=>tf.depthwiseConv2d(x,f,1,"same")));
 for (const [n,op] of [["avg",x=>tf.avgPool(x,3,1,"same")],["max",x=>tf.maxPool(x,3,1,"same")],["avg2",x=>tf.avgPool(x,2,2,"valid")],["max2",x=>tf.maxPool(x,2,2,"valid")],["max3s2",x=>tf.maxPool(x,3,2,"same")],["bil",x=>tf.image.resizeBilinear(x,[2*h,2*h])],["nn",x=>tf.image.resizeNearestNeighbor(x,[2*h,2*h])],["relu6",x=>tf.relu6(x)],["global",x=>tf.mean(x,[1,2])],["conv1x1",x=>tf.conv2d(x,F,1,"same")]]) {
  var F=rnd([1,1,c,c]);
  const y=op(x); const g=tf.grad(op);
  try{ console.log(" ",n,"fwd",time(()=>op(x)),"fwd+grad",time(()=>tf.tidy(()=>g(x,y)))); }catch(e){console.log(n,e.message)}
  y.dispose();
 }
 x.dispose();
}
