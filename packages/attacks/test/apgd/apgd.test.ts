import { type Classifier, dlr, type Images, type Labels, margin, random, targetedDlr } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { apgd, apgdCheckpoints, type ApgdOptions } from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

/** Far enough from the box for every attack here. */
const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);
const rightOf = (classifier: Classifier, x: Images): Labels => tf.argMax(classifier(x), 1);

function run(options: ApgdOptions, classifier: Classifier, x: Images, y: Labels, seed = 1) {
  const attack = apgd(options);
  return attack.finish(attack.advance(attack.start(classifier, x, y, random(seed)), attack.iterations));
}

describe("the checkpoints", () => {
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

describe("on a linear classifier of two classes", () => {
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
    "l2 towards the other class": { norm: "l2", epsilon: 0.06, loss: "targeted-ce" },
    "l1 from the image": { norm: "l1", epsilon: 0.12, start: "clean" },
  };

  it.each(Object.entries(cases))("%s raises the margin by epsilon times the dual norm", (_name, options) => {
    const classifier = linearClassifier(w());
    const x = inner(12);
    const y = rightOf(classifier, x);
    const clean = margin(classifier(x), y).dataSync();

    const { objective, broken, images } = run(options, classifier, x, y);

    const best = Array.from(objective.dataSync(), (loss) =>
      options.loss === "targeted-ce" ? -Math.log(Math.expm1(-loss)) : Math.log(Math.expm1(loss)),
    );
    const most = Array.from(clean, (value) => value + options.epsilon * dual(options.norm));
    best.forEach((value, row) => expect(value).toBeCloseTo(most[row] as number, 3));
    const expected = most.map((value) => (value > 0 ? 1 : 0));
    expect(new Set(expected).size).toBe(2);
    expect(Array.from(broken.dataSync())).toEqual(expected);
    expect(Array.from(margin(classifier(images), y).dataSync(), (value) => (value > 0 ? 1 : 0))).toEqual(expected);
  });
});

describe("the steps, by hand", () => {
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
    const { steps, after, stepSize } = offsets({ steps: 4, exact: false }, 4);
    // After the first, back to 0; the second and the third raise the loss; after the fourth, back to the third.
    expect(steps).toEqual([0.1, 0.075, 0.01875, 0.065625]);
    expect(after).toBeCloseTo(0.01875, 5);
    expect(stepSize).toBeCloseTo(0.05, 6);
  });
});

describe("in l1 from noise", () => {
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

describe("the result", () => {
  const linf = { norm: "linf", epsilon: 0.1, steps: 12 } as const;

  it("is the clean image where none is misclassified, and where the clean one is already", () => {
    const classifier = toys.linear!();
    const x = inner(6);
    const right = rightOf(classifier, x);
    const robust = run({ ...linf, epsilon: 1e-4 }, classifier, x, right);
    expect(robust.images.dataSync()).toEqual(x.dataSync());
    expect(Array.from(robust.broken.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);

    const wrong = run(linf, classifier, x, tf.mod(tf.add(right, tf.scalar(1, "int32")), tf.scalar(3, "int32")));
    expect(wrong.images.dataSync()).toEqual(x.dataSync());
    expect(Array.from(wrong.broken.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
    expect(Array.from(wrong.iteration.dataSync())).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is the latest misclassified iterate, found in the iteration that it tells", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(8);
    const y = rightOf(classifier, x);
    // From its random start at the edge, DLR comes back across the boundary for some.
    const options = { ...linf, epsilon: 0.08, loss: "dlr" } as const;
    const attack = apgd(options);
    const seen: { images: Float32Array; wrong: boolean[] }[] = [];
    const watching: Classifier = (at) => {
      const wrong = tf.notEqual(rightOf(classifier, at), y).dataSync();
      seen.push({ images: at.dataSync().slice() as Float32Array, wrong: Array.from(wrong, Boolean) });
      return classifier(at);
    };
    const found = attack.finish(attack.advance(attack.start(watching, x, y, random(2)), 12));
    const iterates = seen.slice(1); // the first pass is on the clean images
    expect(iterates).toHaveLength(13);
    const latest = Array.from({ length: 8 }, (_, row) =>
      iterates.reduce((last, { wrong }, index) => (wrong[row] ? index : last), -1),
    );
    expect(latest.some((index) => index >= 0)).toBe(true);
    const size = x.size / 8;
    latest.forEach((index, row) => {
      const images = index < 0 ? x.dataSync() : iterates[index]!.images;
      const rows = (values: ArrayLike<number>) => Array.from(values).slice(row * size, (row + 1) * size);
      expect(rows(found.images.dataSync())).toEqual(rows(images));
      expect(found.iteration.dataSync()[row]).toBe(Math.max(index, 0));
      expect(found.broken.dataSync()[row]).toBe(index < 0 ? 0 : 1);
    });
  });

  it.each([
    ["linf", false],
    ["l2", false],
    ["l1", false],
    ["l1", true],
  ] as const)("in %s is the same for rows that go on alone (large epsilons: %s)", (norm, largeEpsilons) => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(6);
    const y = rightOf(classifier, x);
    const epsilon = { linf: 0.05, l2: 0.15, l1: 0.4 }[norm];
    const attack = apgd({ norm, epsilon, steps: 20, largeEpsilons });
    const begin = () => attack.start(classifier, x, y, random(3).forRows(Int32Array.of(4, 5, 6, 7, 8, 9)));
    const whole = attack.finish(attack.advance(begin(), 20));

    const selected = attack.select(attack.advance(begin(), 7), Int32Array.of(4, 1));
    const some = attack.finish(attack.advance(selected, 13));

    for (const field of ["images", "broken", "iteration", "objective"] as const) {
      const expected = tf.gather<tf.Tensor>(whole[field], tf.tensor1d([4, 1], "int32")).dataSync();
      expect(some[field].dataSync()).toEqual(expected);
    }
  });
});

describe("the loss", () => {
  const [linf, four] = [{ norm: "linf", epsilon: 0.05, start: "clean" } as const, () => linearClassifier(weights(4))];

  it.each([2, 3, 4])("of a targeted attack leads to the class of rank %i", (targetRank) => {
    const [x, classifier] = [inner(5), four()];
    const y = rightOf(classifier, x);
    const attack = apgd({ ...linf, loss: "targeted-dlr", targetRank });
    const found = attack.finish(attack.start(classifier, x, y, random(1)));
    const target = Array.from(tf.unstack(classifier(x)), (row) => {
      const logits = Array.from(row.dataSync());
      return logits.indexOf([...logits].sort((a, b) => b - a)[targetRank - 1] as number);
    });
    const expected = targetedDlr(classifier(x), y, tf.tensor1d(target, "int32"));
    expect(found.objective.dataSync()).toEqual(expected.dataSync());
  });

  it("counts any wrong class as success, also when targeted", () => {
    const [x, classifier] = [inner(8), four()];
    const y = rightOf(classifier, x);
    const { broken, images } = run({ ...linf, epsilon: 0.2, loss: "targeted-dlr", targetRank: 4 }, classifier, x, y);
    const wrong = tf.cast(tf.notEqual(rightOf(classifier, images), y), "int32");
    expect(Array.from(broken.dataSync())).toEqual(Array.from(wrong.dataSync()));
  });

  it("of the start is what the first rise is measured against, unless the reference's first comparison is kept", () => {
    const [x, classifier] = [inner(3), toys.linear!()];
    const y = rightOf(classifier, x);
    // In so small a ball DLR rises, and stays below 0.
    const halvedAfterOne = (exact: boolean): boolean[] => {
      const attack = apgd({ ...linf, epsilon: 1e-3, loss: "dlr", steps: 4, exact });
      const { iterate } = attack.advance(attack.start(classifier, x, y, random(1)), 1);
      expect(Math.max(...dlr(classifier(iterate.images), y).dataSync())).toBeLessThan(0);
      return Array.from(iterate.stepSize.dataSync(), (step) => step < 1.9e-3);
    };
    expect(halvedAfterOne(true)).toEqual([true, true, true]);
    expect(halvedAfterOne(false)).toEqual([false, false, false]);
  });
});

describe("cost", () => {
  it.each([
    ["a pass a step, one at the start, one on the clean images", { steps: 4 }, 6],
    ["as many times with samples, but for the clean images", { steps: 4, eotSteps: 3 }, 16],
    ["one more for each of the larger balls", { norm: "l1", steps: 5, largeEpsilons: true }, 9],
  ] as const)("is %s", (_name, options, passes) => {
    let calls = 0;
    const classifier: Classifier = (x) => {
      calls++;
      return toys.linear!()(x);
    };
    apgd({ norm: "linf", epsilon: 0.1, ...options })(classifier, toyImages(2), toyLabels(2), random(0));
    expect(calls).toBe(passes);
  });
});

it("averages the gradients of a classifier that draws at random", () => {
  const [first, second] = [weights(2), tf.mul<tf.Tensor2D>(tf.reverse(weights(2), 0), 3)];
  let pass = 0;
  const alternating: Classifier = (x) => linearClassifier(pass++ % 2 === 0 ? first : second)(x);
  const options = { norm: "l2", epsilon: 0.1, eotSteps: 2, loss: "targeted-ce", start: "clean" } as const;
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

describe("bad options", () => {
  it.each([
    ["norm", { norm: "l7" as never }],
    ["epsilon", { epsilon: -1 }],
    ["steps", { steps: 0 }],
    ["steps", { norm: "l1" as const, largeEpsilons: true, steps: 4 }],
    ["loss", { loss: "hinge" as never }],
    ["targetRank", { targetRank: 0 }],
    ["start", { start: "uniform" as never }],
    ["eotSteps", { eotSteps: 0 }],
    ["largeEpsilons", { largeEpsilons: true }],
  ])("%s is an error: %j", (argument, options) => {
    expect(() => apgd({ norm: "linf", epsilon: 0.1, ...options })).toThrow(expect.objectContaining({ argument }));
  });

  it("a rank beyond the classes, or too few for the loss, is an error", () => {
    const start = (options: Partial<ApgdOptions>) => () =>
      apgd({ norm: "linf", epsilon: 0.1, ...options })(toys.linear!(), toyImages(2), toyLabels(2), random(0));
    expect(start({ loss: "targeted-ce", targetRank: 4 })).toThrow(/targetRank: got 4/);
    expect(start({ loss: "targeted-dlr" })).toThrow(/4 classes/);
    const [classifier, x, y] = [toys.linear!(), toyImages(2), toyLabels(2)];
    const attack = apgd({ norm: "linf", epsilon: 0.1, loss: "targeted-dlr" });
    expect(() => expect(() => attack(classifier, x, y, random(0))).toThrow()).toAllocate(0);
  });
});
