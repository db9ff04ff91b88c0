// A page's program: attacks a linear classifier with the backend that the address names.
import { pgd } from "@awp/attacks";
import { random, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

async function main() {
  const { name } = await useBackend(location.hash.slice(1));
  const weights = tf.tensor2d([1, -1, -2, 2], [2, 2]);
  const classifier = (x) => tf.matMul(tf.reshape(x, [-1, 2]), weights);
  const attack = pgd({ norm: "linf", epsilon: 0.125, steps: 1, stepSize: 0.125, start: "clean" });
  const x = tf.tensor4d([0.5, 0.5], [1, 1, 2, 1]);
  const [first, second] = await attack(classifier, x, tf.tensor1d([0], "int32"), random(0)).data();
  // Class 0 loses to class 1 along (−2, 4), so the image moves by epsilon down and up.
  return `on ${name}: [${first}, ${second}]`;
}

main().then(
  (result) => (document.body.textContent = `result ${result}`),
  (error) => (document.body.textContent = `error ${error.stack}`),
);
