import { type Images, type Labels, margin, type Norm, perExampleNorm, random } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { fab, type FabOptions, towardsRank } from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

const norms: readonly Norm[] = ["linf", "l2", "l1"];
/** Far enough from the box for every boundary of the linear toys with small weights. */
const inner = (batch: number, seed = 1): Images => toyImages(batch, 0.45, 0.55, seed);

function run(options: FabOptions, classifier: (x: Images) => tf.Tensor2D, x: Images, y: Labels, seed = 0) {
  const attack = fab(options);
  return attack.finish(attack.advance(attack.start(classifier, x, y, random(seed)), attack.iterations));
}

describe.each(norms)("FAB in %s", (norm) => {
  it.each([
    ["FAB", {}],
    ["FAB-T", { goal: towardsRank(2) }],
    ["FAB-T from random starts too", { goal: towardsRank(2), restarts: 3 }],
  ])("%s lands between the distance to a linear boundary and 1.05 times that", (_name, options) => {
    const w = weights(2);
    const classifier = linearClassifier(w);
    const x = inner(8);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const [first, second] = tf.unstack(w, 1);
    const slope = marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
    const nearest = Array.from(tf.neg(margin(classifier(x), y)).dataSync(), (gap) => gap / slope);

    const found = run({ norm, epsilon: 10, steps: 5, ...options }, classifier, x, y);

    const distances = perExampleNorm(tf.sub(found.images, x), norm).dataSync();
    distances.forEach((distance, i) => {
      expect(distance).toBeGreaterThanOrEqual(nearest[i]! * (1 - 1e-4));
      expect(distance).toBeLessThanOrEqual(nearest[i]! * 1.05 * (1 + 1e-4));
      expect(-found.objective.dataSync()[i]!).toBeCloseTo(distance, 6);
    });
    expect(Math.min(...margin(classifier(found.images), y).dataSync())).toBeGreaterThanOrEqual(0);
    expect(Math.min(...found.broken.dataSync())).toBe(1);
  });

  it("takes the nearest of several linear boundaries when untargeted, the class of the rank when targeted", () => {
    const w = weights(4);
    // All logits alike in the middle of the box: no way to a boundary there is cut off by the box, in l1 neither.
    const classifier = linearClassifier(w, tf.mul<tf.Tensor1D>(tf.sum(w, 0), -0.5));
    const x = inner(6);
    const logits = classifier(x);
    const y = tf.argMax<tf.Tensor1D>(logits, 1);
    const columns = tf.unstack(w, 1);
    const rows = logits.arraySync();
    const labels = y.dataSync();
    const distanceTo = (row: number, target: number): number => {
      const label = labels[row]!;
      const slope = marginPerEpsilon(tf.sub(columns[target]!, columns[label]!).dataSync(), norm);
      return (rows[row]![label]! - rows[row]![target]!) / slope;
    };
    const untargeted = run({ norm, epsilon: 10, steps: 30 }, classifier, x, y);
    const one = run({ norm, epsilon: 10, steps: 1, goal: towardsRank(3) }, classifier, x, y);
    for (let row = 0; row < 6; row++) {
      const others = [0, 1, 2, 3].filter((target) => target !== labels[row]);
      const least = Math.min(...others.map((target) => distanceTo(row, target)));
      const distance = -untargeted.objective.dataSync()[row]!;
      expect(distance / least).toBeGreaterThan(1 - 1e-4);
      expect(distance / least).toBeLessThan(1.05 * (1 + 1e-4));

      const ranked = others.sort((a, b) => rows[row]![b]! - rows[row]![a]!);
      const third = distanceTo(row, ranked[1]!);
      expect(-one.objective.dataSync()[row]! / third).toBeCloseTo(1.05, 3);
    }
  });

  it("counts as broken only what is within epsilon, and returns the clean image of the others", () => {
    const classifier = toys["nearest centre"]!();
    const x = toyImages(12);
    const y = tf.argMax<tf.Tensor1D>(classifier(x), 1);
    const all = run({ norm, epsilon: 10, steps: 10 }, classifier, x, y);
    const distances = Array.from(all.objective.dataSync(), (value) => -value);
    const epsilon = [...distances].sort((a, b) => a - b)[5]!;

    const some = run({ norm, epsilon, steps: 10 }, classifier, x, y);

    expect(Array.from(some.broken.dataSync())).toEqual(distances.map((distance) => (distance <= epsilon ? 1 : 0)));
    expect(some.objective.dataSync()).toEqual(all.objective.dataSync());
    const moved = perExampleNorm(tf.sub(some.images, x), norm).dataSync();
    moved.forEach((length, i) => expect(length).toBeCloseTo(distances[i]! <= epsilon ? distances[i]! : 0, 6));
  });

  it("starts later restarts half of epsilon away", () => {
    const x = tf.fill<tf.Rank.R4>([3, 2, 2, 3], 0.5);
    const seen: tf.Tensor[] = [];
    const watched = (at: Images): tf.Tensor2D => {
      seen.push(tf.keep(tf.clone(at)));
      return tf.mul(linearClassifier(weights(2))(at), 1e-3);
    };
    const attack = fab({ norm, epsilon: 0.2, steps: 1, restarts: 3 });
    attack(watched, x, toyLabels(3, 2), random(1));
    // One pass at the start, then two an iteration, of which the first sees where the iteration starts.
    const starts = [seen[1]!, seen[3]!, seen[5]!].map((at) => tf.sub(at, x));
    expect(Math.max(...perExampleNorm(starts[0]!, norm).dataSync())).toBe(0);
    for (const start of starts.slice(1))
      for (const length of perExampleNorm(start, norm).dataSync()) expect(length).toBeCloseTo(0.1, 5);
    expect(starts[1]!.dataSync()).not.toEqual(starts[2]!.dataSync());
    expect(seen.length).toBe(7);
    tf.dispose(seen);
  });
});

it.each([
  ["linf", 12 * 0.5],
  ["l2", Math.sqrt(12) * 0.5],
  ["l1", 1.6],
] as const)("FAB takes the class whose boundary is nearest in %s, at its gap over %f", (norm, slope) => {
  // All classes are behind by 0.06: one has many small slopes, one a single large one.
  const w = tf.stack([tf.zeros([12]), tf.fill([12], 0.5), tf.tensor1d([1.6, ...new Array<number>(11).fill(0)])], 1);
  const classifier = linearClassifier(w as tf.Tensor2D, tf.tensor1d([0.06, -3, -0.8]));
  const x = tf.fill<tf.Rank.R4>([1, 2, 2, 3], 0.5);
  const { objective } = run({ norm, epsilon: 10, steps: 1 }, classifier, x, tf.tensor1d([0], "int32"));
  expect(-objective.dataSync()[0]! / (0.06 / slope)).toBeCloseTo(1.05, 4);
});

it("FAB mixes the ways from the iterate and from the image, and goes back from what it broke, as worked out by hand", () => {
  const w = weights(2);
  const slope = tf.sub(tf.slice(w, [0, 1], [-1, 1]), tf.slice(w, [0, 0], [-1, 1]));
  const f = (at: tf.Tensor): tf.Tensor => tf.matMul(tf.reshape(at, [-1, 12]), slope);
  // Right by a little at the image, so that the boundary is near.
  const x = inner(1);
  const bias = tf.concat([tf.reshape(tf.add(f(x), 0.05), [1]), tf.zeros([1])]) as tf.Tensor1D;
  const seen: tf.Tensor[] = [];
  const watched = (at: Images): tf.Tensor2D => {
    seen.push(tf.keep(tf.reshape(at, [12])));
    return linearClassifier(w, bias)(at);
  };
  const options = { alphaMax: 0.3, eta: 1.2, beta: 0.6 };
  fab({ norm: "l2", epsilon: 0.2, steps: 1, restarts: 3, ...options })(watched, x, toyLabels(1, 2), random(3));
  // A pass at the start, then for each restart one where it begins and one where its step ends.
  const [clean, , , begin, end] = seen.map((at) => Array.from(at.dataSync()));
  tf.dispose(seen);

  const g = Array.from(slope.dataSync());
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const value = (at: readonly number[]): number => dot(at, g) - dot(clean!, g) - 0.05;
  const way = (at: readonly number[]): number[] => g.map((slope) => (-value(at) * slope) / dot(g, g));
  const [d1, d2] = [way(begin!), way(clean!)];
  const alpha = Math.min(Math.hypot(...d1) / (Math.hypot(...d1) + Math.hypot(...d2)), 0.3);
  expect(alpha).toBeGreaterThan(0);
  end!.forEach((pixel, i) => {
    const expected = (begin![i]! + 1.2 * d1[i]!) * (1 - alpha) + (clean![i]! + 1.2 * d2[i]!) * alpha;
    expect(pixel).toBeCloseTo(expected, 5);
  });

  const again: tf.Tensor[] = [];
  const watchedAgain = (at: Images): tf.Tensor2D => {
    again.push(tf.keep(tf.reshape(at, [12])));
    return linearClassifier(w, bias)(at);
  };
  fab({ norm: "l2", epsilon: 0.2, steps: 2, ...options })(watchedAgain, x, toyLabels(1, 2), random(3));
  const [, , found, back] = again.map((at) => Array.from(at.dataSync()));
  tf.dispose(again);
  expect(value(found!)).toBeGreaterThan(0);
  back!.forEach((pixel, i) => expect(pixel).toBeCloseTo(clean![i]! + 0.6 * (found![i]! - clean![i]!), 5));
});

it("FAB reports when the image was found, and leaves an image that is wrong already", () => {
  const classifier = linearClassifier(weights(2));
  const x = inner(6);
  const right = tf.argMax<tf.Tensor1D>(classifier(x), 1);
  const y = tf.where(tf.tensor1d([1, 0, 1, 0, 0, 1], "bool"), right, tf.sub(tf.scalar(1, "int32"), right)) as Labels;
  const found = run({ norm: "l2", epsilon: 10, steps: 3 }, classifier, x, y);
  const wrong = [1, 3, 4];
  const iteration = found.iteration.dataSync();
  expect(wrong.map((row) => iteration[row])).toEqual([0, 0, 0]);
  expect([0, 2, 5].every((row) => iteration[row]! >= 1 && iteration[row]! <= 3)).toBe(true);
  expect(Array.from(found.broken.dataSync())).toEqual([1, 1, 1, 1, 1, 1]);
  const moved = perExampleNorm(tf.sub(found.images, x), "l2").dataSync();
  expect(wrong.map((row) => moved[row])).toEqual([0, 0, 0]);
});

it("FAB finds nothing without a gradient path, and says so", () => {
  const found = run(
    { norm: "linf", epsilon: 0.1, steps: 3 },
    toys["without a gradient path"]!(),
    toyImages(2),
    tf.tensor1d([1, 1], "int32"),
  );
  expect(Array.from(found.broken.dataSync())).toEqual([0, 0]);
  expect(Array.from(found.objective.dataSync())).toEqual([-Infinity, -Infinity]);
  expect(Array.from(found.iteration.dataSync())).toEqual([3, 3]);
});

it("FAB breaks a network whose gradients are tiny as well as one whose are not", () => {
  const x = inner(4);
  const small = (at: Images): tf.Tensor2D => tf.mul(linearClassifier(weights())(at), 1e-12);
  const y = tf.argMax<tf.Tensor1D>(small(x), 1);
  for (const norm of norms) {
    const found = run({ norm, epsilon: 10, steps: 3, goal: towardsRank(2) }, small, x, y);
    expect(Array.from(found.broken.dataSync())).toEqual([1, 1, 1, 1]);
  }
});

it.each([
  ["steps", { steps: 0 }],
  ["restarts", { restarts: 1.5 }],
  ["alphaMax", { alphaMax: 1.1 }],
  ["eta", { eta: 0.9 }],
  ["beta", { beta: Number.NaN }],
  ["epsilon", { epsilon: -1 }],
])("FAB refuses a bad %s", (name, options) => {
  expect(() => fab({ norm: "l2", epsilon: 1, ...options })).toThrow(`${name}: got`);
});

it("FAB refuses a rank beyond the classes, at the start, and keeps nothing", () => {
  const [classifier, x, y] = [toys["linear"]!(), toyImages(2), toyLabels(2)];
  const attack = fab({ norm: "linf", epsilon: 0.1, goal: towardsRank(4) });
  expect(() =>
    expect(() => attack.start(classifier, x, y, random(0))).toThrow(
      "rank: got 4, want at most the number of classes, 3",
    ),
  ).toAllocate(0);
});
