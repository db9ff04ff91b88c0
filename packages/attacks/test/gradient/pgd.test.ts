import { ArgumentError, crossEntropy, type Images, type Labels, margin, perExampleNorm, random } from "@awp/core";
import { finiteDifference, linearClassifier, marginPerEpsilon, nearestCentreClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fgsm, klObjective, marginObjective, pgd } from "../../src/index";
import { size, toyImages, toyLabels, toys, weights } from "../toy-problem";

/** Far enough from the box for every attack here. */
const inner = (batch: number, seed = 1): Images => toyImages(batch, 0.4, 0.6, seed);

describe("PGD and FGSM on a linear classifier of two classes", () => {
  const epsilon = 0.1;
  const attacks = {
    "fgsm linf": ["linf", fgsm({ norm: "linf", epsilon })],
    "pgd linf": ["linf", pgd({ norm: "linf", epsilon })],
    "pgd linf on the margin": ["linf", pgd({ norm: "linf", epsilon, objective: marginObjective() })],
    "pgd linf, three restarts": ["linf", pgd({ norm: "linf", epsilon, restarts: 3 })],
    "pgd linf towards the other class": [
      "linf",
      pgd({ norm: "linf", epsilon, goal: towards((y) => tf.sub(tf.scalar(1, "int32"), y)) }),
    ],
    "fgsm l2": ["l2", fgsm({ norm: "l2", epsilon })],
    "pgd l2 from the image": ["l2", pgd({ norm: "l2", epsilon, start: "clean" })],
    "pgd l2": ["l2", pgd({ norm: "l2", epsilon, steps: 30, stepSize: epsilon })],
  } as const;

  it.each(Object.entries(attacks))("%s raises the margin by epsilon times the dual norm", (_name, [norm, attack]) => {
    const w = weights(2);
    const classifier = linearClassifier(w);
    const x = inner(6);
    const y = toyLabels(6, 2);
    const [first, second] = tf.unstack(w, 1);
    const most = epsilon * marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);

    const rise = tf.sub(margin(classifier(attack(classifier, x, y, random(1))), y), margin(classifier(x), y));

    for (const value of rise.dataSync()) expect(value).toBeCloseTo(most, 5);
  });

  it.each(["linf", "l2"] as const)("%s towards the label itself lowers the margin by as much", (norm) => {
    const w = weights(2);
    const classifier = linearClassifier(w);
    const x = inner(4);
    const y = toyLabels(4, 2);
    const [first, second] = tf.unstack(w, 1);
    const most = epsilon * marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
    const attack = fgsm({ norm, epsilon, goal: { kind: "targeted", target: y } });

    const rise = tf.sub(margin(classifier(attack(classifier, x, y, random(1))), y), margin(classifier(x), y));

    for (const value of rise.dataSync()) expect(value).toBeCloseTo(-most, 5);
    expect(y.isDisposed).toBe(false);
  });
});

describe("PGD's step", () => {
  it("follows the gradient that finite differences give", () => {
    const classifier = nearestCentreClassifier(tf.reshape(toyImages(3, 0, 1, 9), [3, size]));
    const x = inner(3);
    const y = toyLabels(3);
    const gradient = finiteDifference((at) => crossEntropy(classifier(at as Images), y), x);

    const delta = (norm: "linf" | "l2") => tf.sub(fgsm({ norm, epsilon: 0.1 })(classifier, x, y, random(0)), x);

    const signs = tf.mul(tf.sign(gradient), 0.1);
    expect(tf.max(tf.abs(tf.sub(delta("linf"), signs))).dataSync()[0]).toBeLessThan(1e-6);
    const norms = tf.reshape(perExampleNorm(gradient, "l2"), [3, 1, 1, 1]);
    const unit = tf.mul(tf.div(gradient, norms), 0.1);
    expect(tf.max(tf.abs(tf.sub(delta("l2"), unit))).dataSync()[0]).toBeLessThan(1e-4);
  });

  it("leaves an image where it is when its gradient is zero, as on a classifier without a gradient path", () => {
    const classifier = toys["without a gradient path"]!();
    const x = toyImages(2);
    for (const norm of ["linf", "l2"] as const) {
      const adversarial = pgd({ norm, epsilon: 0.1, start: "clean" })(classifier, x, toyLabels(2), random(0));
      expect(adversarial.dataSync()).toEqual(x.dataSync());
    }
  });

  it.each(["linf", "l2"] as const)("climbs on when every image is wrong already: %s", (norm) => {
    const classifier = linearClassifier(weights(2));
    const x = inner(5);
    const wrong = tf.sub<Labels>(tf.scalar(1, "int32"), tf.argMax(classifier(x), 1));
    const loss = (at: Images) => crossEntropy(classifier(at), wrong);
    const rise = tf.sub(loss(pgd({ norm, epsilon: 0.1 })(classifier, x, wrong, random(1))), loss(x));
    expect(Math.min(...rise.dataSync())).toBeGreaterThan(0);
  });

  it("lengthens to epsilon with the default step size", () => {
    const classifier = linearClassifier(weights(2));
    const x = inner(2);
    const adversarial = pgd({ norm: "linf", epsilon: 0.05, steps: 7 })(classifier, x, toyLabels(2, 2), random(4));
    for (const distance of perExampleNorm(tf.sub(adversarial, x), "linf").dataSync())
      expect(distance).toBeCloseTo(0.05, 6);
  });

  it("does not see who normalises: the classifier that does is the one with other weights", () => {
    const [mean, std] = [0.4, 0.25];
    const normalizing = (x: Images) => linearClassifier(weights())(tf.div(tf.sub(x, mean), std));
    const folded = linearClassifier(tf.div(weights(), std), tf.mul<tf.Tensor1D>(tf.sum(weights(), 0), -mean / std));
    const [x, y] = [toyImages(5), toyLabels(5)];
    for (const norm of ["linf", "l2"] as const) {
      const attack = pgd({ norm, epsilon: 0.1, steps: 5 });
      const difference = tf.sub(attack(normalizing, x, y, random(2)), attack(folded, x, y, random(2)));
      expect(tf.max(tf.abs(difference)).dataSync()[0]).toBeLessThan(1e-6);
    }
  });
});

describe("PGD's cost", () => {
  it.each([
    ["one start takes one pass a step", { steps: 4 }, 4],
    ["three restarts take one more each to compare", { steps: 4, restarts: 3 }, 15],
    ["KL takes one on the clean images", { steps: 4, objective: klObjective() }, 5],
  ])("%s", (_name, options, passes) => {
    let calls = 0;
    const classifier = (x: Images) => {
      calls++;
      return linearClassifier(weights())(x);
    };
    pgd({ norm: "linf", epsilon: 0.1, ...options })(classifier, toyImages(2), toyLabels(2), random(0));
    expect(calls).toBe(passes);
  });
});

describe("PGD's random start", () => {
  const still = { steps: 1, stepSize: 0 } as const;

  it("fills the cube uniformly for linf", () => {
    const x = tf.fill<tf.Rank.R4>([400, 2, 2, 3], 0.5);
    const start = pgd({ norm: "linf", epsilon: 0.1, ...still })(toys.linear!(), x, toyLabels(400), random(1));
    const delta = tf.sub(start, x);
    expect(tf.mean(delta).dataSync()[0]).toBeCloseTo(0, 2);
    expect(tf.mean(tf.square(delta)).dataSync()[0]! / 0.1 ** 2).toBeCloseTo(1 / 3, 1);
  });

  it("has a uniform radius for l2", () => {
    const x = tf.fill<tf.Rank.R4>([2000, 2, 2, 3], 0.5);
    const start = pgd({ norm: "l2", epsilon: 0.3, ...still })(toys.linear!(), x, toyLabels(2000), random(1));
    const radii = Array.from(perExampleNorm(tf.sub(start, x), "l2").dataSync()).sort((a, b) => a - b);
    for (const quantile of [0.1, 0.5, 0.9]) expect(radii[2000 * quantile]! / 0.3).toBeCloseTo(quantile, 1);
  });

  it("is the image and noise of the given scale when gaussian", () => {
    const x = tf.fill<tf.Rank.R4>([200, 2, 2, 3], 0.5);
    const options = { norm: "linf", epsilon: 0.5, start: "gaussian", startScale: 0.02, ...still } as const;
    const delta = tf.sub(pgd(options)(toys.linear!(), x, toyLabels(200), random(1)), x);
    expect(Math.sqrt(tf.mean(tf.square(delta)).dataSync()[0]!) / 0.02).toBeCloseTo(1, 1);
  });

  it("depends on an example's index, not on its place in the batch", () => {
    const [x, y] = [toyImages(4), toyLabels(4)];
    const attack = pgd({ norm: "l2", epsilon: 0.5, steps: 2, restarts: 2 });
    const whole = attack(toys.linear!(), x, y, random(6).forRows(Int32Array.of(10, 11, 12, 13)));
    const rows = tf.slice(x, 2, 1);
    const alone = attack(toys.linear!(), rows, tf.slice(y, 2, 1), random(6).forRows(Int32Array.of(12)));
    expect(alone.dataSync()).toEqual(tf.slice(whole, 2, 1).dataSync());
  });
});

describe("PGD's restarts", () => {
  it("keeps, per example, the worst of the single runs", () => {
    const classifier = toys["nearest centre"]!();
    const [x, y] = [toyImages(6), toyLabels(6)];
    const options = { norm: "l2", epsilon: 0.4, steps: 1 } as const;
    const runs = [random(8), random(8).fold(1), random(8).fold(2)].map((start) => {
      const images = pgd(options)(classifier, x, y, start);
      return { images, losses: crossEntropy(classifier(images), y).dataSync() };
    });
    const best = Array.from({ length: 6 }, (_, i) =>
      runs.reduce((most, run, r) => (run.losses[i]! > runs[most]!.losses[i]! ? r : most), 0),
    );
    expect(new Set(best).size).toBeGreaterThan(1);

    const restarting = pgd({ ...options, restarts: 3 });
    const found = restarting.finish(restarting.advance(restarting.start(classifier, x, y, random(8)), 3));

    expect(Array.from(found.iteration.dataSync())).toEqual(best.map((run) => run + 1));
    const expected = tf.concat(best.map((run, i) => tf.slice(runs[run]!.images, i, 1)));
    expect(found.images.dataSync()).toEqual(expected.dataSync());
    expect(restarting(classifier, x, y, random(8)).dataSync()).toEqual(expected.dataSync());
    const objective = best.map((run, i) => runs[run]!.losses[i]!);
    expect(Array.from(found.objective.dataSync())).toEqual(objective);
  });

  it("never weaken the attack", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom("linf" as const, "l2" as const), (seed, norm) => {
        const least = tf.tidy(() => {
          const classifier = toys["nearest centre"]!();
          const [x, y] = [toyImages(4, 0, 1, seed), toyLabels(4)];
          const loss = (restarts: number): tf.Tensor => {
            const attack = pgd({ norm, epsilon: 0.2, steps: 2, restarts });
            return crossEntropy(classifier(attack(classifier, x, y, random(seed))), y);
          };
          return tf.min(tf.sub(loss(3), loss(1))).dataSync()[0]!;
        });
        expect(least).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe("PGD's bad option", () => {
  const good = { norm: "linf", epsilon: 0.1 } as const;

  it.each([
    ["norm", { norm: "l1" as const }],
    ["epsilon", { epsilon: -1 }],
    ["bounds", { bounds: { low: 1, high: 0 } }],
    ["steps", { steps: 0 }],
    ["steps", { steps: 1.5 }],
    ["stepSize", { stepSize: -0.1 }],
    ["stepSize", { stepSize: Number.NaN }],
    ["startScale", { startScale: Number.POSITIVE_INFINITY }],
    ["start", { start: "random" as never }],
    ["start", { start: "clean" as const, restarts: 2 }],
    ["start", { start: "clean" as const, objective: klObjective() }],
    ["restarts", { restarts: 0 }],
    ["goal", { objective: klObjective(), goal: towards((y) => y) }],
  ])("%s is an error: %j", (argument, options) => {
    expect(() => pgd({ ...good, ...options })).toThrow(expect.objectContaining({ argument }));
  });

  it("labels or targets that do not fit the images are an error", () => {
    const attack = pgd(good);
    const classifier = toys.linear!();
    const x = toyImages(2);
    const floats = tf.tensor1d([0, 1]);
    const three = toyLabels(3);
    const targeted = pgd({ ...good, goal: { kind: "targeted", target: three } });
    expect(() => attack(classifier, x, floats, random(0))).toThrow(ArgumentError);
    expect(() => attack(classifier, x, three, random(0))).toThrow(ArgumentError);
    expect(() => targeted(classifier, x, toyLabels(2), random(0))).toThrow(/goal\.target: got \[3\]/);
  });
});

type Target = (y: tf.Tensor1D) => tf.Tensor1D;

function towards(target: Target): { kind: "targeted"; target: Target } {
  return { kind: "targeted", target };
}
