import {
  type Classifier,
  type IterativeAttack,
  misclassified,
  type Norm,
  perExampleNorm,
  random,
  useBackend,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apgd,
  bim,
  cwL2,
  deepFool,
  fab,
  fgsm,
  marginObjective,
  miFgsm,
  pgd,
  spsa,
  square,
  towardsRank,
} from "../../src/index";
import { alwaysNaN, errsBeyond, leads, neverErrs, problem } from "./blind-classifiers";

const linf = { norm: "linf", epsilon: 0.05 } as const;
const l2 = { norm: "l2", epsilon: 0.15 } as const;
const l1 = { norm: "l1", epsilon: 0.3 } as const;
type Attack = IterativeAttack<unknown>;

const inBalls: Readonly<Record<string, readonly [threat: { norm: Norm; epsilon: number }, attack: Attack]>> = {
  fgsm: [linf, fgsm(linf)],
  bim: [linf, bim(linf)],
  "mi-fgsm": [linf, miFgsm(linf)],
  "mi-fgsm on the margin": [l2, miFgsm({ ...l2, objective: marginObjective() })],
  "pgd linf": [linf, pgd({ ...linf, steps: 7 })],
  "pgd linf on the margin": [linf, pgd({ ...linf, steps: 7, objective: marginObjective() })],
  "pgd l2, samples": [l2, pgd({ ...l2, steps: 7, eotSteps: 2 })],
  "pgd l2, restarts": [l2, pgd({ ...l2, steps: 7, restarts: 3 })],
  "apgd linf": [linf, apgd({ ...linf, steps: 10 })],
  "apgd l2": [l2, apgd({ ...l2, steps: 10 })],
  "apgd l1": [l1, apgd({ ...l1, steps: 30 })],
  "apgd l1, large epsilons": [l1, apgd({ ...l1, steps: 30, largeEpsilons: true })],
  "apgd linf, targeted": [linf, apgd({ ...linf, steps: 10, goal: towardsRank(2) })],
  "fab linf": [linf, fab({ ...linf, steps: 5 })],
  "fab l2, restarts": [l2, fab({ ...l2, steps: 5, restarts: 2 })],
  "fab l1": [l1, fab({ ...l1, steps: 5 })],
  "fab-t linf": [linf, fab({ ...linf, steps: 5, goal: towardsRank(2) })],
  "square linf": [linf, square({ ...linf, queries: 40 })],
  "square l2": [l2, square({ ...l2, queries: 60 })],
  "square l1": [l1, square({ ...l1, queries: 60 })],
  "spsa linf": [linf, spsa({ ...linf, steps: 8, samples: 6 })],
  "spsa l2": [l2, spsa({ ...l2, steps: 8, samples: 6 })],
};
const withoutBall: Readonly<Record<string, Attack>> = {
  deepfool: deepFool({ steps: 10 }),
  "cw-l2": cwL2({ searchSteps: 4, steps: 25, learningRate: 0.04, initialWeight: 0.1 }),
};

function run(attack: Attack, classifier: Classifier, { x, y }: ReturnType<typeof problem>) {
  const found = attack.finish(attack.advance(attack.start(classifier, x, y, random(2)), attack.iterations));
  const { images } = found;
  const outside = images.dataSync().filter((pixel) => !(pixel >= 0 && pixel <= 1));
  expect(Array.from(outside), "pixels that are NaN, or outside the box").toEqual([]);
  const broken = Array.from(found.broken.dataSync());
  expect(Array.from(misclassified(classifier(images), y).dataSync()), "the images against what is told").toEqual(
    broken,
  );
  expect(found.objective.dataSync().some(Number.isNaN), "an objective that is NaN").toBe(false);
  return { images, broken };
}

describe.each(["cpu", "wasm"] as const)("on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });
  afterAll(() => tf.setBackend("cpu"));

  describe.each(Object.entries(inBalls))("%s", (_name, [threat, attack]) => {
    const given = (): ReturnType<typeof problem> => problem(threat.norm, threat.epsilon);
    const within = (images: tf.Tensor, x: tf.Tensor): void => {
      const longest = Math.max(...perExampleNorm(tf.sub(images, x), threat.norm).dataSync());
      expect(longest).toBeLessThanOrEqual(threat.epsilon * (1 + 1e-5) + 1e-6);
    };

    it.each(Object.entries(errsBeyond))(
      "breaks just the image near the boundary, beyond which comes %s",
      (_, classifier) => {
        const near = given();
        const { images, broken } = run(attack, classifier, near);
        expect(broken).toEqual([1, 0]);
        within(images, near.x);
      },
    );

    it.each(Object.entries(neverErrs))("breaks nothing where the answer is %s", (_, classifier) => {
      const near = given();
      const { images, broken } = run(attack, classifier, near);
      expect(broken).toEqual([0, 0]);
      within(images, near.x);
    });

    it.each(Object.entries(alwaysNaN))("counts as wrong from the start: %s", (_, classifier) => {
      const near = given();
      const { images, broken } = run(attack, classifier, near);
      expect(broken).toEqual([1, 1]);
      within(images, near.x);
    });
  });

  describe.each(Object.entries(withoutBall))("%s", (_name, attack) => {
    it.each(Object.entries(errsBeyond))("finds the boundary beyond which comes %s", (_, classifier) => {
      const near = problem("l2", 0.1);
      const { images, broken } = run(attack, classifier, near);
      expect(broken).toEqual([1, 1]);
      const distances = perExampleNorm(tf.sub(images, near.x), "l2").dataSync();
      leads.forEach((lead, row) => {
        expect(distances[row]! / (0.1 * lead)).toBeGreaterThan(1);
        // The tangent of a root meets 0 twice as far away as the root.
        expect(distances[row]! / (0.1 * lead)).toBeLessThan(2.1);
      });
    });

    it.each(Object.entries({ ...neverErrs, ...alwaysNaN }))(
      "leaves an image in the box where comes %s",
      (name, classifier) => {
        const { broken } = run(attack, classifier, problem("l2", 0.1));
        expect(broken).toEqual(name in neverErrs ? [0, 0] : [1, 1]);
      },
    );
  });
});
