import { type Classifier, dlr, random, targetedDlr } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { apgd, dlrObjective, targetedDlrObjective, towardsRank } from "../../src/index";
import { toyLabels, toys, weights } from "../toy-problem";
import { inner, rightOf, run } from "./run";

describe("APGD's objective", () => {
  const [linf, four] = [{ norm: "linf", epsilon: 0.05, start: "clean" } as const, () => linearClassifier(weights(4))];

  it.each([2, 3, 4])("of a targeted attack leads to the class of rank %i", (rank) => {
    const [x, classifier] = [inner(5), four()];
    const y = rightOf(classifier, x);
    const attack = apgd({ ...linf, objective: targetedDlrObjective(), goal: towardsRank(rank) });
    const found = attack.finish(attack.start(classifier, x, y, random(1)));
    const target = Array.from(tf.unstack(classifier(x)), (row) => {
      const logits = Array.from(row.dataSync());
      return logits.indexOf([...logits].sort((a, b) => b - a)[rank - 1] as number);
    });
    const expected = targetedDlr(classifier(x), y, tf.tensor1d(target, "int32"));
    expect(found.objective.dataSync()).toEqual(expected.dataSync());
  });

  it("counts any wrong class as success, also when targeted", () => {
    const [x, classifier] = [inner(8), four()];
    const y = rightOf(classifier, x);
    const { broken, images } = run(
      { ...linf, epsilon: 0.2, objective: targetedDlrObjective(), goal: towardsRank(4) },
      classifier,
      x,
      y,
    );
    const wrong = tf.cast(tf.notEqual(rightOf(classifier, images), y), "int32");
    expect(Array.from(broken.dataSync())).toEqual(Array.from(wrong.dataSync()));
  });

  it("of the start is what the first rise is measured against, unless the reference's first comparison is kept", () => {
    const [x, classifier] = [inner(3), toys.linear!()];
    const y = rightOf(classifier, x);
    // In so small a ball DLR rises, and stays below 0.
    const halvedAfterOne = (referenceFirstRise: boolean): boolean[] => {
      const attack = apgd({ ...linf, epsilon: 1e-3, objective: dlrObjective(), steps: 4, referenceFirstRise });
      const { iterate } = attack.advance(attack.start(classifier, x, y, random(1)), 1);
      expect(Math.max(...dlr(classifier(iterate.images), y).dataSync())).toBeLessThan(0);
      return Array.from(iterate.stepSize.dataSync(), (step) => step < 1.9e-3);
    };
    expect(halvedAfterOne(true)).toEqual([true, true, true]);
    expect(halvedAfterOne(false)).toEqual([false, false, false]);
  });
});

it("APGD averages the gradients of a classifier that draws at random", () => {
  const [first, second] = [weights(2), tf.mul<tf.Tensor2D>(tf.reverse(weights(2), 0), 3)];
  let pass = 0;
  const alternating: Classifier = (x) => linearClassifier(pass++ % 2 === 0 ? first : second)(x);
  const options = { norm: "l2", epsilon: 0.1, eotSteps: 2, goal: towardsRank(2), start: "clean" } as const;
  const x = inner(3);
  const y = toyLabels(3, 2);
  const attack = apgd(options);
  const { iterate } = attack.start(alternating, x, y, random(1));
  const alone = (matrix: tf.Tensor2D) => {
    const single = apgd({ ...options, eotSteps: 1 });
    const one = linearClassifier(matrix);
    // The target is chosen on the first classifier.
    let call = 0;
    return single.start((at) => (call++ === 0 ? linearClassifier(first)(at) : one(at)), x, y, random(1)).iterate;
  };
  const mean = tf.div(tf.add(alone(first).gradient, alone(second).gradient), 2);
  expect(tf.max(tf.abs(tf.sub(iterate.gradient, mean))).dataSync()[0]).toBeLessThan(1e-6);
});
