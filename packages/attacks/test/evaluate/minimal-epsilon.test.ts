import { type Attack, drain, margin, random } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { apgd, fgsm, minimalEpsilon, type MinimalEpsilonEvent, type MinimalEpsilonOptions } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const problem = (): Omit<MinimalEpsilonOptions, "attack" | "largest"> => ({
  classifier: linearClassifier(weights(2)),
  images: toyImages(12, 0.4, 0.6),
  labels: toyLabels(12, 2),
  random: random(1),
});

const count = (values: Float64Array, wanted: (value: number) => boolean): number => values.filter(wanted).length;

describe("minimalEpsilon", () => {
  it.each([
    ["linf", (epsilon: number) => fgsm({ norm: "linf", epsilon })],
    ["l2", (epsilon: number) => apgd({ norm: "l2", epsilon, steps: 10, start: "clean" })],
  ] as const)("is for a linear classifier in %s its margin over the dual norm", async (norm, attack) => {
    const given = problem();
    const [first, second] = tf.unstack(weights(2), 1);
    const dual = marginPerEpsilon(tf.sub(first as tf.Tensor, second as tf.Tensor).dataSync(), norm);
    const lead = Array.from(margin(given.classifier(given.images), given.labels).dataSync(), (value) => -value / dual);
    const largest = [...lead].sort((a, b) => a - b)[9] as number; // beyond it are two

    const found = await drain(minimalEpsilon({ ...given, attack, largest: largest * 1.001, halvings: 6 }));

    lead.forEach((distance, row) => {
      if (distance < 0) return expect(found[row]).toBe(0);
      if (distance > largest) return expect(found[row]).toBe(Number.POSITIVE_INFINITY);
      expect(found[row]).toBeGreaterThan(distance * (1 - 1e-4));
      expect(found[row]).toBeLessThan(distance * (1 + 1e-4) + (largest * 1.001) / 64);
    });
    expect(new Set(found).size).toBeGreaterThan(4);
  });

  it("keeps nothing, asks with each row's key, and attacks no example more often than it must", async () => {
    const given = { ...problem(), random: random(1).forRows(Int32Array.from({ length: 12 }, (_, row) => row + 30)) };
    const times = new Map<number, number>();
    const attack =
      (epsilon: number): Attack =>
      (classifier, x, y, draw) => {
        for (const row of draw.rows as Int32Array) times.set(row, (times.get(row) ?? 0) + 1);
        return fgsm({ norm: "linf", epsilon })(classifier, x, y, draw);
      };
    const events: MinimalEpsilonEvent[] = [];
    const before = tf.memory().numTensors;
    const found = await drain(minimalEpsilon({ ...given, attack, largest: 0.05, halvings: 5 }), (event) =>
      events.push(event),
    );
    expect(tf.memory().numTensors).toBe(before);
    found.forEach((epsilon, row) => {
      const expected = epsilon === 0 ? undefined : epsilon === Number.POSITIVE_INFINITY ? 1 : 6;
      expect(times.get(row + 30)).toBe(expected);
    });
    const [clean, first] = events;
    expect(clean).toEqual({
      kind: "radius",
      epsilon: 0,
      attacked: 12,
      broken: count(found, (epsilon) => epsilon === 0),
    });
    expect(first).toMatchObject({ epsilon: 0.05, broken: count(found, (epsilon) => epsilon > 0 && epsilon < 1) });
    const attacks = [...times.values()].reduce((sum, value) => sum + value, 0);
    expect(events.slice(1).reduce((sum, { attacked }) => sum + attacked, 0)).toBe(attacks);
  });

  it("stops when told to", async () => {
    const attack = (epsilon: number): Attack => fgsm({ norm: "linf", epsilon });
    const search = drain(minimalEpsilon({ ...problem(), attack, largest: 0.1, signal: AbortSignal.abort() }));
    await expect(search).rejects.toThrow(/abort/i);
  });

  it.each([
    ["largest", { largest: 0 }],
    ["halvings", { halvings: 0 }],
    ["labels", { labels: tf.tensor1d([0], "int32") }],
  ])("%s out of range is an error", async (argument, options) => {
    const attack = (epsilon: number): Attack => fgsm({ norm: "linf", epsilon });
    const search = drain(minimalEpsilon({ ...problem(), attack, largest: 0.1, ...options }));
    await expect(search).rejects.toThrow(expect.objectContaining({ argument }));
  });
});
