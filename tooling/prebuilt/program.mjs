// A user's program, run where there is no compiler: values known without it, and what computed them.
import "@tensorflow/tfjs-layers"; // registers the gradients
import { torchDevice } from "@awp/backend-torch";
import * as tf from "@tensorflow/tfjs-core";

await tf.setBackend("torch");
const started = performance.now();
const product = await tf.matMul(tf.ones([512, 512]), tf.fill([512, 512], 2)).data();
const milliseconds = performance.now() - started;
// The sum of conv2d(x, f) over its output, at four places of each pixel of a filter of 3×3 over 4×4 pixels.
const gradient = await tf
  .grad((f) => tf.sum(tf.conv2d(tf.ones([1, 4, 4, 1]), f, 1, "valid")))(tf.ones([3, 3, 1, 1]))
  .data();
console.log(JSON.stringify(torchDevice()), `512×512 product in ${milliseconds.toFixed(0)} ms`);
if (!product.every((value) => value === 1024)) throw new Error(`product: got ${product[0]}, want 1024`);
if (!gradient.every((value) => value === 4)) throw new Error(`gradient: got ${gradient}, want 4`);
console.log(`on ${tf.getBackend()}: product 1024, gradient 4`);
