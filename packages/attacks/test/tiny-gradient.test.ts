import { type Images, type Labels, random, useBackend } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect, it } from "vitest";
import { fgsm, pgd } from "../src/index";

afterAll(() => tf.setBackend("cpu"));

it.each(["cpu", "wasm"] as const)(
  "on %s a confident classifier's tiny gradient still moves every pixel",
  async (name) => {
    await useBackend(name);
    const weights = tf.tensor2d([
      [1, 0],
      [-1, 0],
      [0.5, 0],
      [-2, 0],
    ]);
    // The right class leads by 30, so the gradient of the cross-entropy is e^−30 of the wrong class's weights.
    const classifier = linearClassifier(weights, tf.tensor1d([0, 30]));
    const x = tf.fill([1, 2, 2, 1], 0.5) as Images;
    const y = tf.tensor1d([1], "int32") as Labels;
    for (const attack of [fgsm({ norm: "linf", epsilon: 0.1 }), pgd({ norm: "linf", epsilon: 0.1, steps: 4 })]) {
      const moved = attack(classifier, x, y, random(1)).dataSync();
      expect([...moved]).toEqual([0.6, 0.4, 0.6, 0.4].map((value) => expect.closeTo(value, 6) as number));
    }
  },
);
