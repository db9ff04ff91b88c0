import { type IterativeAttack, type Norm, random, type ThreatModel, unitBounds } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  apgd,
  bim,
  dlrObjective,
  fab,
  fgsm,
  klObjective,
  marginObjective,
  miFgsm,
  noisyFgsm,
  paperAttacks,
  pgd,
  spsa,
  square,
  towardsLeastLikely,
  towardsRandom,
  towardsRank,
} from "../src/index";
import { toyImages, toyLabels, toys } from "./toy-problem";

const linf = { norm: "linf", epsilon: 0.1 } as const;
const l1 = { norm: "l1", epsilon: 0.8 } as const;
const l2 = { norm: "l2", epsilon: 0.5 } as const;
const bounds = { low: 0.2, high: 0.7 };
const towards0 = { kind: "targeted", target: (y: tf.Tensor1D) => tf.zerosLike(y) } as const;

const attacks: Readonly<Record<string, { threat: ThreatModel; attack: IterativeAttack<unknown> }>> = {
  "apgd linf": { threat: linf, attack: apgd({ ...linf, steps: 6 }) },
  "apgd linf, dlr, clean": {
    threat: linf,
    attack: apgd({ ...linf, steps: 6, objective: dlrObjective(), start: "clean" }),
  },
  "apgd linf, bounds": { threat: { ...linf, bounds }, attack: apgd({ ...linf, bounds, steps: 6 }) },
  "apgd l2, targeted": { threat: l2, attack: apgd({ ...l2, steps: 6, goal: towardsRank(3) }) },
  "apgd l1": { threat: l1, attack: apgd({ ...l1, steps: 6 }) },
  "apgd l1, large epsilons": { threat: l1, attack: apgd({ ...l1, steps: 6, largeEpsilons: true }) },
  "fab linf": { threat: linf, attack: fab({ ...linf, steps: 3 }) },
  "fab linf, targeted": { threat: linf, attack: fab({ ...linf, steps: 3, goal: towardsRank(3) }) },
  "fab linf, bounds": { threat: { ...linf, bounds }, attack: fab({ ...linf, bounds, steps: 2, restarts: 2 }) },
  "fab l2": { threat: l2, attack: fab({ ...l2, steps: 3 }) },
  "fab l1, restarts": { threat: l1, attack: fab({ ...l1, steps: 2, restarts: 2 }) },
  "square linf": { threat: linf, attack: square({ ...linf, queries: 6 }) },
  "square linf, bounds": { threat: { ...linf, bounds }, attack: square({ ...linf, bounds, queries: 6 }) },
  "square l2": { threat: l2, attack: square({ ...l2, queries: 6 }) },
  "square l2, no room": { threat: { ...l2, epsilon: 0 }, attack: square({ ...l2, epsilon: 0, queries: 6 }) },
  "square l1": { threat: l1, attack: square({ ...l1, queries: 6 }) },
  "fgsm linf": { threat: linf, attack: fgsm(linf) },
  "fgsm l2": { threat: l2, attack: fgsm(l2) },
  "spsa linf": { threat: linf, attack: spsa({ ...linf, steps: 3, samples: 4, sampleBatch: 3 }) },
  "spsa l2, targeted": { threat: l2, attack: spsa({ ...l2, steps: 3, samples: 4, goal: towards0 }) },
  "paper's cw": { threat: linf, attack: paperAttacks.cwInf({ epsilon: 0.1, steps: 2 }) },
  "bim linf, least likely": { threat: linf, attack: bim({ ...linf, steps: 3, goal: towardsLeastLikely() }) },
  "mi-fgsm linf": { threat: linf, attack: miFgsm({ ...linf, steps: 3 }) },
  "mi-fgsm l2, samples": { threat: l2, attack: miFgsm({ ...l2, steps: 3, eotSteps: 2, objective: marginObjective() }) },
  "noisy fgsm, which leaves its ball": { threat: { ...linf, epsilon: 0.3 }, attack: noisyFgsm(linf) },
  "noisy fgsm, bounds": {
    threat: { ...linf, epsilon: 0.15, bounds },
    attack: noisyFgsm({ ...linf, bounds, noise: 0.05 }),
  },
  "pgd linf, random target": { threat: linf, attack: pgd({ ...linf, steps: 3, goal: towardsRandom(3) }) },
  "pgd linf": { threat: linf, attack: pgd({ ...linf, steps: 3 }) },
  "pgd linf, clean": { threat: linf, attack: pgd({ ...linf, steps: 3, start: "clean" }) },
  "pgd linf, gaussian": { threat: linf, attack: pgd({ ...linf, steps: 3, start: "gaussian", startScale: 0.3 }) },
  "pgd linf, restarts": { threat: linf, attack: pgd({ ...linf, steps: 2, restarts: 3 }) },
  "pgd linf, margin": { threat: linf, attack: pgd({ ...linf, steps: 3, objective: marginObjective() }) },
  "pgd linf, kl": { threat: linf, attack: pgd({ ...linf, steps: 3, objective: klObjective(), start: "gaussian" }) },
  "pgd linf, targeted": { threat: linf, attack: pgd({ ...linf, steps: 3, goal: towards0 }) },
  "pgd linf, bounds": { threat: { ...linf, bounds }, attack: pgd({ ...linf, bounds, steps: 3 }) },
  "pgd linf, no room": { threat: { ...linf, epsilon: 0 }, attack: pgd({ ...linf, epsilon: 0, steps: 3 }) },
  "pgd l2": { threat: l2, attack: pgd({ ...l2, steps: 3 }) },
  "pgd l2, restarts": { threat: l2, attack: pgd({ ...l2, steps: 2, restarts: 2 }) },
  "pgd l2, kl": { threat: l2, attack: pgd({ ...l2, steps: 3, objective: klObjective(), start: "gaussian" }) },
  "pgd l2, targeted margin": {
    threat: l2,
    attack: pgd({ ...l2, steps: 3, objective: marginObjective(), goal: towards0 }),
  },
};

describe.each(Object.entries(attacks))("%s", (_name, { threat, attack }) => {
  const { low, high } = threat.bounds ?? unitBounds;

  it.each(Object.entries(toys))("stays in the ball and the box around %s's images, and keeps nothing", (_toy, toy) => {
    for (const batch of [1, 5]) {
      const classifier = toy();
      const x = toyImages(batch, low, high);
      const y = toyLabels(batch);
      const before = x.dataSync().slice();

      const adversarial = attack(classifier, x, y, random(3));

      expect(adversarial.shape).toEqual(x.shape);
      expect(x.dataSync()).toEqual(before);
      const values = adversarial.dataSync();
      expect(Math.min(...values)).toBeGreaterThanOrEqual(Math.fround(low));
      expect(Math.max(...values)).toBeLessThanOrEqual(Math.fround(high));
      for (const distance of distances(values, before, batch, threat.norm)) {
        expect(distance).toBeLessThanOrEqual(threat.epsilon * (1 + 1e-6) + rounding);
      }
      expect(() => attack(classifier, x, y, random(3))).toAllocate(1);
      expect(() => attack.finish(attack.advance(attack.start(classifier, x, y, random(3)), 100))).toAllocate(4);
    }
  });
});

/** Of `x + δ` in float32, with x at most 1. */
const rounding = 2 ** -24;

function distances(a: ArrayLike<number>, b: ArrayLike<number>, batch: number, norm: Norm): number[] {
  const size = a.length / batch;
  return Array.from({ length: batch }, (_, row) => {
    const delta = Array.from({ length: size }, (__, i) => (a[row * size + i] ?? NaN) - (b[row * size + i] ?? NaN));
    if (norm === "l1") return delta.reduce((sum, value) => sum + Math.abs(value), 0);
    return norm === "linf" ? Math.max(...delta.map(Math.abs)) : Math.hypot(...delta);
  });
}
