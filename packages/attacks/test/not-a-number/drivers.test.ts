import { type Batch, type Classifier, drain, misclassified, random, type ThreatModel, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  apgd,
  autoAttack,
  type AutoAttackReport,
  type AutoAttackState,
  type AutoAttackVersion,
  decodeAutoAttackState,
  encodeAutoAttackState,
  evaluate,
  minimalEpsilon,
  pgd,
  restarted,
  worstOf,
} from "../../src/index";
import { skipLong } from "@awp/testing";
import { alwaysNaN, errsBeyond, isNaNBeyond, leads, neverErrs, problem } from "./blind-classifiers";

const threat: ThreatModel = { norm: "linf", epsilon: 0.05 };
const attack = pgd({ ...threat, steps: 7 });

function batchesOf(batchSize: number = leads.length): Batch[] {
  const { x, y } = problem(threat.norm, threat.epsilon);
  return Array.from({ length: leads.length / batchSize }, (_, k) => ({
    images: tf.slice(x, k * batchSize, batchSize),
    labels: tf.slice(y, k * batchSize, batchSize),
    indices: Int32Array.from({ length: batchSize }, (__, row) => k * batchSize + row),
  }));
}

const evaluated = (classifier: Classifier) =>
  drain(evaluate({ classifier, attack, batches: batchesOf(), random: random(2) }));

const autoAttacked = (
  classifier: Classifier,
  version: AutoAttackVersion,
  stages: AutoAttackReport["stages"][number]["name"][],
  more: { readonly state?: AutoAttackState; readonly batchSize?: number } = {},
) => {
  const batches = batchesOf(more.batchSize);
  return autoAttack({ ...threat, classifier, batches, random: random(2), version, stages, ...more });
};

const raised = ({ flags }: AutoAttackReport): boolean => flags.some(({ kind }) => kind === "not-a-number");

describe.each(["cpu", "wasm"] as const)("on %s", (backend) => {
  beforeAll(async () => {
    await useBackend(backend);
  });
  afterAll(() => tf.setBackend("cpu"));

  describe.each(Object.entries({ ...errsBeyond, ...neverErrs, ...alwaysNaN }))(
    "a classifier that answers %s",
    (name, classifier) => {
      const natural = name in alwaysNaN ? [false, false] : [true, true];
      const robust = name in errsBeyond ? [false, true] : natural;
      const nan = name in errsBeyond ? [isNaNBeyond(name), false] : natural.map((right) => !right);

      it("is as robust to evaluate, with as many NaN, as it is", async () => {
        const { perExample, ...result } = await evaluated(classifier);
        expect(perExample.map((example) => example.robust)).toEqual(robust);
        expect(perExample.map((example) => example.nan)).toEqual(nan);
        expect(result.nan).toBe(nan.filter(Boolean).length);
      });

      const versions = [
        ["standard", ["apgd-t", "apgd-ce"]],
        ["plus", ["apgd-dlr", "fab"]],
        ["rand", ["apgd-ce"]],
      ] as const;
      // What a backend and a version have of their own shows on two of the classifiers: the attacks are the same.
      const both = /both|last of four/.test(name);
      const tried = backend === "cpu" ? versions.slice(0, both ? 3 : 1) : versions.slice(0, both ? 1 : 0);
      it.each(tried)("is as robust to AutoAttack %s, which raises the flag not-a-number", async (version, stages) => {
        const report = await drain(autoAttacked(classifier, version, [...stages]));
        expect(report.perExample.map((example) => example.natural)).toEqual(natural);
        expect(report.perExample.map((example) => example.robust)).toEqual(robust);
        expect(report.perExample.map((example) => example.nan)).toEqual(nan);
        expect(raised(report)).toBe(nan.includes(true));
      });

      it("is as robust to the worst of attacks and to restarts", () => {
        const { x, y } = problem(threat.norm, threat.epsilon);
        const still = pgd({ ...threat, steps: 1, stepSize: 0, start: "clean" });
        for (const several of [worstOf([still, attack]), worstOf([attack, still]), restarted(attack, 2)]) {
          const images = several(classifier, x, y, random(2));
          const broken = Array.from(misclassified(classifier(images), y).dataSync(), Boolean);
          expect(broken).toEqual(robust.map((flag) => !flag));
        }
      });

      it("has the minimal radius at its boundary", async () => {
        const { x: images, y: labels } = problem(threat.norm, threat.epsilon);
        const largest = 4 * threat.epsilon;
        const found = await drain(
          minimalEpsilon({
            classifier,
            attack: (epsilon) => apgd({ norm: "linf", epsilon, steps: 8 }),
            images,
            labels,
            random: random(2),
            largest,
          }),
        );
        leads.forEach((lead, row) => {
          if (name in alwaysNaN) return expect(found[row]).toBe(0);
          if (name in neverErrs) return expect(found[row]).toBe(Number.POSITIVE_INFINITY);
          expect(found[row]! / threat.epsilon).toBeGreaterThan(lead * (1 - 1e-3));
          expect(found[row]! / threat.epsilon).toBeLessThan(lead + 4 / 2 ** 8 + 1e-3);
        });
      });
    },
  );

  it("AutoAttack standard breaks what PGD breaks, of two classes and of four", {
    timeout: 120_000,
  }, async (context) => {
    if (backend === "wasm") skipLong("every query of Square on a second backend", context);
    for (const name of ["NaN for both classes", "NaN for the last of four"]) {
      const stages = ["apgd-ce", "apgd-t", "fab-t", "square"] as const;
      const report = await drain(autoAttacked(errsBeyond[name]!, "standard", [...stages]));
      expect(report.robustAccuracy).toBe(0.5);
      expect(raised(report)).toBe(true);
    }
  });
});

describe("the flag not-a-number", () => {
  const onlyThe = (row: "near" | "far"): Classifier => {
    const [nearLead, farLead] = leads;
    const { x } = problem(threat.norm, threat.epsilon);
    const pixel = Array.from(x.dataSync())[row === "near" ? 0 : x.size / 2] as number;
    expect(nearLead).not.toBe(farLead);
    return (at) =>
      tf.tidy(() => {
        const first = tf.reshape(tf.slice(at, [0, 0, 0, 0], [-1, 1, 1, 1]), [-1, 1]);
        const same = tf.less(tf.abs(tf.sub(first, pixel)), 1e-6);
        return tf.where(same, Number.NaN, tf.tile(tf.tensor2d([[1, 0, 0, 0]]), [at.shape[0], 1])) as tf.Tensor2D;
      });
  };

  it("is raised for a clean image of a later batch", async () => {
    const report = await drain(autoAttacked(onlyThe("far"), "standard", ["apgd-ce"], { batchSize: 1 }));
    expect(report.perExample.map(({ nan, natural }) => [nan, natural])).toEqual([
      [false, true],
      [true, false],
    ]);
    expect(raised(report)).toBe(true);
  });

  it("is kept in the state, and raised by the evaluation that goes on from it", async () => {
    const run = (state?: AutoAttackState) =>
      autoAttacked(
        errsBeyond["NaN for the label"]!,
        "standard",
        ["apgd-ce", "fab-t"],
        state === undefined ? {} : { state },
      );
    const { value } = await run().next();
    const { state } = value as { state: AutoAttackState };
    expect(Array.from(state.nan)).toEqual([1, 0]);
    const resumed = await drain(run(decodeAutoAttackState(encodeAutoAttackState(state))));
    expect(resumed.perExample.map(({ nan }) => nan)).toEqual([true, false]);
    expect(raised(resumed)).toBe(true);
  });
});
