// A user's program, compiled and run against the packed packages as an ES module and as CommonJS.
import { fgsm } from "@awp/attacks";
import { ArgumentError, type Classifier, random, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

async function main(): Promise<void> {
  const { name } = await useBackend("cpu");
  const weights = tf.tensor2d([1, -1, -2, 2], [2, 2]);
  const classifier: Classifier = (x) => tf.matMul(tf.reshape<tf.Rank.R2>(x, [-1, 2]), weights);
  const x = tf.tensor4d([0.5, 0.5], [1, 1, 2, 1]);
  const attack = fgsm({ norm: "linf", epsilon: 0.125 });
  const adversarial = attack(classifier, x, tf.tensor1d([0], "int32"), random(0));

  // Class 0 loses to class 1 along (−2, 4), so the image moves by epsilon down and up.
  const [first, second] = await adversarial.data();
  if (name !== "cpu" || first !== 0.375 || second !== 0.625)
    throw new Error(`on ${name}: got [${String(first)}, ${String(second)}], want [0.375, 0.625]`);

  try {
    fgsm({ norm: "linf", epsilon: -1 });
    throw new Error("epsilon −1 was taken");
  } catch (error) {
    // Thrown behind another door of core than the class is imported from.
    if (!(error instanceof ArgumentError)) throw error;
  }
}

void main();
