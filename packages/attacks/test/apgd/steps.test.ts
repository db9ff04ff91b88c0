import { type Classifier, type Images, margin, random } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { apgd, apgdCheckpoints, type ApgdOptions, towardsRank } from "../../src/index";
import { toyLabels, weights } from "../toy-problem";
import { inner, rightOf, run } from "./run";

describe("APGD's checkpoints", () => {
  it.each([
    [100, [22, 41, 57, 70, 80, 87, 93, 99]],
    [50, [11, 21, 30, 38, 45]],
    [20, [4, 7, 9, 10, 11, 12]],
    [10, [2, 3, 4, 5, 6, 7, 8, 9, 10]],
    [1, [1]],
  ])("of %i iterations", (iterations, first) => {
    expect(apgdCheckpoints(iterations).slice(0, first.length)).toEqual(first);
    expect(apgdCheckpoints(iterations).at(-1)).toBeLessThanOrEqual(iterations);
  });
});

describe("APGD on a linear classifier of two classes", () => {
  const w = () => weights(2);
  const dual = (norm: "linf" | "l2" | "l1"): number => {
    const [first, second] = tf.unstack(w(), 1);
    return marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
  };
  const cases: Readonly<Record<string, ApgdOptions>> = {
    linf: { norm: "linf", epsilon: 0.02 },
    "linf from the image": { norm: "linf", epsilon: 0.02, start: "clean" },
    "linf in 5 steps": { norm: "linf", epsilon: 0.02, steps: 5 },
    l2: { norm: "l2", epsilon: 0.06 },
    "l2 from the image": { norm: "l2", epsilon: 0.06, start: "clean" },
    "l2 towards the other class": { norm: "l2", epsilon: 0.06, goal: towardsRank(2) },
    "l1 from the image": { norm: "l1", epsilon: 0.12, start: "clean" },
  };

  it.each(Object.entries(cases))("%s raises the margin by epsilon times the dual norm", (_name, options) => {
    const classifier = linearClassifier(w());
    const x = inner(12);
    const y = rightOf(classifier, x);
    const clean = margin(classifier(x), y).dataSync();

    const { objective, broken, images } = run(options, classifier, x, y);

    const best = Array.from(objective.dataSync(), (loss) =>
      options.goal !== undefined ? -Math.log(Math.expm1(-loss)) : Math.log(Math.expm1(loss)),
    );
    const most = Array.from(clean, (value) => value + options.epsilon * dual(options.norm));
    best.forEach((value, row) => expect(value).toBeCloseTo(most[row] as number, 3));
    const expected = most.map((value) => (value > 0 ? 1 : 0));
    expect(new Set(expected).size).toBe(2);
    expect(Array.from(broken.dataSync())).toEqual(expected);
    expect(Array.from(margin(classifier(images), y).dataSync(), (value) => (value > 0 ? 1 : 0))).toEqual(expected);
  });
});

describe("APGD's steps, by hand", () => {
  /** Its cross-entropy for label 0 is largest 0.03 above a grey image, whichever pixel. */
  const target = 0.53;
  const grey = (): Images => tf.fill([1, 2, 2, 3], 0.5);
  const bowl: Classifier = (x) => {
    const closeness = tf.neg(tf.sum(tf.square(tf.sub(x, target)), [1, 2, 3]));
    return tf.stack<tf.Tensor1D>([tf.zerosLike(closeness) as tf.Tensor1D, closeness as tf.Tensor1D], 1) as tf.Tensor2D;
  };
  const offsets = (options: Partial<ApgdOptions>, count: number) => {
    const seen: number[] = [];
    const attack = apgd({ norm: "linf", epsilon: 0.1, start: "clean", ...options });
    const watching: Classifier = (x) => {
      seen.push((x.dataSync()[0] as number) - 0.5);
      return bowl(x);
    };
    const { iterate } = attack.advance(attack.start(watching, grey(), toyLabels(1), random(0)), count);
    return {
      steps: seen.slice(2).map((value) => expect.closeTo(value, 5) as number),
      after: (iterate.images.dataSync()[0] as number) - 0.5,
      stepSize: iterate.stepSize.dataSync()[0],
    };
  };

  it("are of twice epsilon, a quarter of each after the first is the one before", () => {
    expect(offsets({}, 3).steps).toEqual([0.1, -0.025, 0.0375]);
  });

  it("are halved and begin again at the best image where the loss does not rise, at every checkpoint", () => {
    const { steps, after, stepSize } = offsets({ steps: 4, referenceFirstRise: false }, 4);
    // After the first, back to 0; the second and the third raise the loss; after the fourth, back to the third.
    expect(steps).toEqual([0.1, 0.075, 0.01875, 0.065625]);
    expect(after).toBeCloseTo(0.01875, 5);
    expect(stepSize).toBeCloseTo(0.05, 6);
  });
});

describe("APGD in l1, from noise,", () => {
  it.each([false, true])("comes down to the two heaviest pixels (from larger balls: %s)", (largeEpsilons) => {
    const w = weights(2);
    const classifier = linearClassifier(w);
    const x = inner(8);
    const y = rightOf(classifier, x);
    const epsilon = 0.12;
    const { objective } = run({ norm: "l1", epsilon, largeEpsilons }, classifier, x, y);
    const [first, second] = tf.unstack(w, 1);
    const falling = Array.from(tf.abs(tf.sub(first as tf.Tensor, second as tf.Tensor)).dataSync()).sort(
      (a, b) => b - a,
    );
    const [heaviest, next] = falling as [number, number];
    const clean = margin(classifier(x), y).dataSync();
    // The method moves two pixels at least by as much, so it cannot choose between the last two.
    objective.dataSync().forEach((loss, row) => {
      const rise = (Math.log(Math.expm1(loss)) - (clean[row] as number)) / epsilon;
      expect(rise).toBeGreaterThan(next - 1e-4);
      expect(rise).toBeLessThan(heaviest + 1e-4);
    });
  });
});
