import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu"; import "@tensorflow/tfjs-backend-wasm"; import "@tensorflow/tfjs-layers";
await tf.setBackend("cpu");await tf.setBackend("wasm"); await tf.ready();
let seed=1;
const vals=(s)=>{const n=s.reduce((a,b)=>a*b,1);return Float32Array.from({length:n},()=>{seed=(seed*1103515245+12345)%2147483648;return seed/1073741824-1});};
async function cmp(name,mk,op){ const data=mk.map(vals); const out=[];
 for(const b of ["cpu","wasm"]){await tf.setBackend(b);try{const xs=data.map((d,i)=>tf.tensor(d,mk[i]));const r=[op(...xs)].flat().map(t=>Array.from(t.dataSync()));out.push(r);}catch(e){out.push(String(e.message).slice(0,120));}}
 if(typeof out[0]==="string"||typeof out[1]==="string"){console.log(name,"cpu:",typeof out[0]==="string"?out[0]:"ok","wasm:",typeof out[1]==="string"?out[1]:"ok");return;}
 const dev=Math.max(...out[0].flatMap((r,i)=>r.map((v,j)=>{const d=Math.abs(v-out[1][i][j]);return Number.isNaN(d)?Infinity:d})));
 console.log(name, dev<1e-4?"same":"DIFFERENT "+dev);}
const arg=process.argv[2];
const cases={
 same:()=>cmp("matMul(a,a)",[[3,3]],a=>tf.matMul(a,a)),
 sameT:()=>cmp("matMul(a,a,T)",[[3,3]],a=>[tf.matMul(a,a),tf.matMul(a,a,true),tf.matMul(a,a,false,true)]),
 sameRepeated:()=>cmp("matMul grads",[[3,4],[4,3]],(a,b)=>tf.grads((a,b)=>tf.square(tf.matMul(tf.matMul(a,b),tf.matMul(a,b))))([a,b])),
 reshapeMM:()=>cmp("matMul reshaped",[[4,6],[2,4],[2,6]],(b,a,a2)=>[tf.matMul(a,b),tf.matMul(a2,tf.reshape(b,[6,4]))]),
 reshapeConv:()=>cmp("conv reshaped",[[1,1,2,6],[1,3,3,2],[1,3,3,6]],(f,x,x2)=>[tf.conv2d(x,f,1,"same"),tf.conv2d(x2,tf.reshape(f,[1,1,6,2]),1,"same")]),
 reshapeConv2:()=>cmp("conv reshaped kernel",[[1,3,2,2],[1,5,5,2]],(f,x)=>[tf.conv2d(x,f,1,"same"),tf.conv2d(x,tf.reshape(f,[3,1,2,2]),1,"same")]),
 reshapeDw:()=>cmp("dw reshaped",[[1,3,2,2],[1,5,5,2]],(f,x)=>[tf.depthwiseConv2d(x,f,1,"same"),tf.depthwiseConv2d(x,tf.reshape(f,[3,1,2,2]),1,"same")]),
 dwMult:()=>cmp("dw multiplier",[[3,3,2,3],[1,5,5,2]],(f,x)=>[tf.depthwiseConv2d(x,f,[2,2],"same"),tf.depthwiseConv2d(x,f,[1,1],"same","NHWC",[2,2]),tf.depthwiseConv2d(x,f,[1,1],1)]),
 dwStride:()=>cmp("dw stride (2,1)",[[3,3,2,1],[1,5,5,2]],(f,x)=>[tf.depthwiseConv2d(x,f,[2,1],"same")]),
 prelu:()=>cmp("prelu",[[2,3,4],[4],[4]],(x,a,b)=>[tf.prelu(x,a),tf.prelu(tf.reshape(x,[6,4]),a)]),
 preluFull:()=>cmp("prelu full",[[2,3,4],[3,4]],(x,a)=>[tf.prelu(x,a)]),
 preluReshape:()=>cmp("prelu reshaped",[[2,3,4],[2,6],[12]],(x,y,a)=>[tf.prelu(tf.reshape(x,[2,12]),a),tf.prelu(x,tf.reshape(a,[1,3,4]))]),
 softmax:()=>cmp("softmax",[[2,3],[3,5],[4,7]],(a,b,c)=>[tf.softmax(a),tf.softmax(b),tf.softmax(c)]),
 softmax64:()=>cmp("softmax wide",[[2,1000]],(a)=>[tf.softmax(a)]),
 avg:()=>cmp("avgpool forward",[[2,7,7,3]],x=>[tf.avgPool(x,3,2,"same"),tf.avgPool(x,[2,3],[1,2],"valid"),tf.avgPool(x,3,2,1,"ceil"),tf.avgPool(x,3,2,1,"floor")]),
 max:()=>cmp("maxpool forward",[[2,7,7,3]],x=>[tf.maxPool(x,3,2,"same"),tf.maxPool(x,[2,3],[1,2],"valid"),tf.maxPool(x,3,2,1,"ceil"),tf.maxPool(x,3,2,1,"floor")]),
 avg1:()=>cmp("avgpool 1x1",[[2,7,7,3]],x=>[tf.avgPool(x,1,1,"same"),tf.maxPool(x,1,1,"same"),tf.maxPool(x,1,2,"same"),tf.avgPool(x,1,2,"same")]),
 avg7:()=>cmp("avgpool global",[[2,7,7,3]],x=>[tf.avgPool(x,7,1,"valid"),tf.maxPool(x,7,1,"valid")]),
 maxTies:()=>cmp("max ties grad",[[2,7,7,3]],x=>[tf.grad(x=>tf.maxPool(tf.relu(x),3,1,"same"))(x),tf.grad(x=>tf.maxPool(tf.relu(x),3,2,"same"))(x)]),
 avgGrad:()=>cmp("avg grad",[[2,7,7,3]],x=>[tf.grad(x=>tf.avgPool(x,3,1,"same"))(x),tf.grad(x=>tf.avgPool(x,3,2,"same"))(x),tf.grad(x=>tf.avgPool(x,[2,3],[1,2],1,"floor"))(x)]),
 ceilGrad:()=>cmp("ceil grads",[[2,6,6,3]],x=>[tf.grad(x=>tf.avgPool(x,3,2,1,"ceil"))(x),tf.grad(x=>tf.maxPool(x,3,2,1,"ceil"))(x)]),
 dilpool:()=>cmp("dilated pool",[[2,9,9,3]],x=>[tf.pool(x,[3,3],"max","valid",[2,2])]),
 bil:()=>cmp("bilinear",[[2,4,5,3]],x=>[tf.image.resizeBilinear(x,[7,9]),tf.image.resizeBilinear(x,[7,9],true),tf.image.resizeBilinear(x,[7,9],false,true),tf.image.resizeBilinear(x,[2,3]),tf.image.resizeBilinear(x,[2,3],false,true)]),
 bilGrad:()=>cmp("bilinear grad",[[2,4,5,3]],x=>[tf.grad(x=>tf.image.resizeBilinear(x,[7,9]))(x),tf.grad(x=>tf.image.resizeBilinear(x,[7,9],true))(x),tf.grad(x=>tf.image.resizeBilinear(x,[2,3]))(x)]),
 bilHalf:()=>cmp("bilinear half grad",[[2,4,5,3]],x=>[tf.grad(x=>tf.image.resizeBilinear(x,[7,9],false,true))(x)]),
 nn:()=>cmp("nn",[[2,4,5,3]],x=>[tf.image.resizeNearestNeighbor(x,[7,9]),tf.image.resizeNearestNeighbor(x,[7,9],true),tf.image.resizeNearestNeighbor(x,[7,9],false,true),tf.image.resizeNearestNeighbor(x,[2,3])]),
 nnGrad:()=>cmp("nn grad",[[2,4,5,3]],x=>[tf.grad(x=>tf.image.resizeNearestNeighbor(x,[7,9]))(x),tf.grad(x=>tf.image.resizeNearestNeighbor(x,[7,9],true))(x),tf.grad(x=>tf.image.resizeNearestNeighbor(x,[2,3]))(x)]),
 nchw:()=>cmp("nchw",[[1,2,5,5],[3,3,2,4]],(x,f)=>[tf.conv2d(x,f,1,"same","NCHW")]),
 nchwdw:()=>cmp("nchw dw",[[1,2,5,5],[3,3,2,1]],(x,f)=>[tf.depthwiseConv2d(x,f,1,"same","NCHW")]),
 dil:()=>cmp("dilated conv",[[1,7,7,2],[3,3,2,4]],(x,f)=>[tf.conv2d(x,f,1,"same","NHWC",2)]),
 ceilConv:()=>cmp("conv ceil",[[1,6,6,2],[3,3,2,4]],(x,f)=>[tf.conv2d(x,f,2,1,"NHWC",1,"ceil"),tf.conv2d(x,f,2,1,"NHWC",1,"floor")]),
 fused:()=>cmp("fused conv",[[1,6,6,2],[3,3,2,4],[4]],(x,f,b)=>[tf.fused.conv2d({x,filter:f,strides:1,pad:"same",bias:b,activation:"relu6"}),tf.fused.conv2d({x,filter:f,strides:1,pad:"same",bias:b,activation:"elu"})]),
 fusedMM:()=>cmp("fused matmul",[[3,4],[4,5],[5]],(a,b,c)=>[tf.fused.matMul({a,b,bias:c,activation:"relu"}),tf.fused.matMul({a,b,bias:c,activation:"sigmoid"}),tf.fused.matMul({a,b,bias:c,activation:"linear"}),tf.fused.matMul({a,b,bias:c,activation:"relu6"})]),
 bn:()=>cmp("batchnorm",[[2,3,3,4],[4],[4],[4],[4]],(x,m,v,o,s)=>[tf.batchNorm(x,m,tf.abs(v),o,s,1e-3)]),
 relus:()=>cmp("step/sign/clip",[[50]],x=>[tf.step(x),tf.step(x,.3),tf.sign(x),tf.clipByValue(x,-.5,.5),tf.relu6(tf.mul(x,9)),tf.elu(x),tf.selu(x),tf.leakyRelu(x),tf.softplus(x),tf.erf(x)]),
 nan:()=>cmp("nan",[[4]],x=>{const y=tf.log(tf.sub(x,5));return [tf.isNaN(y),tf.cast(tf.isNaN(tf.relu(y)),"float32"),tf.cast(tf.isNaN(tf.maxPool(tf.reshape(y,[1,2,2,1]),2,1,"valid")),"float32")]}),
 max0:()=>cmp("reductions",[[2,3,4]],x=>[tf.max(x,1),tf.min(x,[0,2]),tf.prod(x,1),tf.mean(x,[0,1]),tf.sum(x,[1]),tf.cumsum(x,1),tf.logSumExp(x,1)]),
 cast:()=>cmp("casts",[[6]],x=>{const y=tf.mul(x,3);return[tf.cast(y,"int32"),tf.cast(y,"bool"),tf.cast(tf.cast(y,"int32"),"bool"),tf.cast(tf.greater(y,0),"float32")]}),
 castneg:()=>cmp("casts nan",[[6]],x=>[tf.cast(tf.mul(x,0.4),"bool"),tf.cast(tf.mul(x,300),"bool"),tf.cast(tf.sub(tf.mul(0,tf.cast(x,"int32")),256),"bool")]),
 mixed:()=>cmp("mixed dtypes",[[6]],x=>[tf.add(tf.cast(tf.mul(x,9),"int32"),x),tf.where(tf.greater(x,0),x,tf.cast(tf.mul(x,9),"int32")),tf.floorDiv(tf.mul(x,5),2),tf.mod(tf.mul(x,5),2),tf.pow(tf.abs(x),2.5),tf.mod(tf.mul(x,5),-2)]),
};
await cases[arg]();
