import { type Images, type Labels, random, useBackend } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect, it } from "vitest";
import { fgsm, pgd } from "../../src/index";

afterAll(() => tf.setBackend("cpu"));

it.each([
  ["cpu", 30],
  ["cpu", 60],
  ["wasm", 30],
  ["wasm", 60],
] as const)("on %s, %i ahead, a confident classifier's tiny gradient still moves every pixel", async (name, bias) => {
  await useBackend(name);
  const weights = tf.tensor2d([
    [1, 0],
    [-1, 0],
    [0.5, 0],
    [-2, 0],
  ]);
  // The right class leads by so much that the gradient of the cross-entropy is e^−bias of the wrong class's weights.
  const classifier = linearClassifier(weights, tf.tensor1d([0, bias]));
  const x = tf.fill([1, 2, 2, 1], 0.5) as Images;
  const y = tf.tensor1d([1], "int32") as Labels;
  const before = classifier(x).dataSync();
  for (const attack of [
    fgsm({ norm: "l2", epsilon: 0.1 }),
    pgd({ norm: "l2", epsilon: 0.1, steps: 4, start: "clean" }),
  ]) {
    const after = classifier(attack(classifier, x, y, random(1))).dataSync();
    // By epsilon times the ℓ2 norm of the weights.
    expect((after[0] as number) - (before[0] as number)).toBeCloseTo(0.1 * Math.hypot(1, 1, 0.5, 2), 5);
  }
  for (const attack of [fgsm({ norm: "linf", epsilon: 0.1 }), pgd({ norm: "linf", epsilon: 0.1, steps: 4 })]) {
    const moved = attack(classifier, x, y, random(1)).dataSync();
    expect([...moved]).toEqual([0.6, 0.4, 0.6, 0.4].map((value) => expect.closeTo(value, 6) as number));
  }
});
