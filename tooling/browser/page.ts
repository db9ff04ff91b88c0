// A page's program: chooses a backend and attacks a classifier. Bundled and run by check.ts.
import { pgd } from "@awp/attacks";
import { type Classifier, random, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

async function main(): Promise<void> {
  await useBackend("cpu");
  const weights = tf.tensor2d([1, -1, -2, 2], [2, 2]);
  const classifier: Classifier = (x) => tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, 2]), weights);
  const x = tf.tensor4d([0.5, 0.5], [1, 1, 2, 1]);
  const attack = pgd({ norm: "linf", epsilon: 0.125, steps: 1, stepSize: 0.125, start: "clean" });
  const [first, second] = await attack(classifier, x, tf.tensor1d([0], "int32"), random(0)).data();
  // Class 0 loses to class 1 along (−2, 4), so the image moves by epsilon down and up.
  if (first !== 0.375 || second !== 0.625) throw new Error(`got [${first}, ${second}], want [0.375, 0.625]`);
}

export const finished: Promise<void> = main();
