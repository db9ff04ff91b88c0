import { type Loss, parameterGradients } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { meanOf } from "../../src/step/mean-loss";

let weight: tf.Variable;
beforeEach(() => {
  weight = tf.variable(tf.scalar(2));
});
afterEach(() => weight.dispose());

/** The losses 2w, 4w, … of so many examples, from one number on. */
const losses = (from: number, count: number) => () =>
  tf.tidy(() => tf.mul<tf.Tensor1D>(weight, tf.range(2 * from, 2 * (from + count), 2)));

function differentiated(loss: Loss): [loss: number, slope: number] {
  const found = parameterGradients(loss, new Map([["weight", weight as tf.Variable]]));
  const values = [found.loss, found.gradients.get("weight") as tf.Tensor].map((each) => each.dataSync()[0] as number);
  tf.dispose([found.loss, ...found.gradients.values()]);
  return values as [number, number];
}

describe("the mean over the examples", () => {
  const whole = () => meanOf([{ losses: losses(1, 4), share: 1 }]);
  const parts = () =>
    meanOf([
      { losses: losses(1, 1), share: 1 / 4 },
      { losses: losses(2, 3), share: 3 / 4 },
    ]);

  it.each([
    ["in one part", whole],
    ["in parts of one and of three", parts],
  ])("%s weighs each example alike, and counts 0 for those not below the threshold", (_name, loss) => {
    expect(differentiated(loss())).toEqual([10, 5]);
    // Of the losses 4, 8, 12, 16 with slopes 2, 4, 6, 8.
    expect(differentiated(loss().below?.(12) as Loss)).toEqual([3, 1.5]);
    expect(differentiated(loss().below?.(12).below?.(100) as Loss)).toEqual([3, 1.5]);
    expect(differentiated(loss().below?.(4) as Loss)).toEqual([0, 0]);
    expect(differentiated(loss().below?.(Infinity) as Loss)).toEqual([10, 5]);
  });

  it("leaves what it returns and no more", () => {
    expect(() => whole()()).toAllocate(1);
    expect(() => parts().below?.(12)()).toAllocate(1);
  });

  it("refuses a defense that gives one loss for the batch", () => {
    const loss = meanOf([{ losses: () => tf.scalar(1) as unknown as tf.Tensor1D, share: 1 }]);
    expect(() => loss()).toThrow("defense.loss: got [], want one loss for each example, [batch]");
  });
});
