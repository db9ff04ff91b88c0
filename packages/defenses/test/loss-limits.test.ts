import { type Labels, type Logits, random, uniform, useBackend, valueAndGradient } from "@awp/core";
import { registerHalfPrecision, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dklLoss, martLoss, rstLoss, tradesLoss } from "../src/index";

const losses = {
  martLoss,
  tradesLoss,
  /** A third of the images has no label. */
  rstLoss: (natural: Logits, adversarial: Logits, labels: Labels, beta: number) =>
    rstLoss(natural, adversarial, tf.sub(labels, tf.scalar(1, "int32")), beta, 1),
  dklLoss: (natural: Logits, adversarial: Logits, labels: Labels, beta: number) =>
    dklLoss(natural, adversarial, labels, { beta }),
} as const;

interface Figures {
  readonly value: ArrayLike<number>;
  readonly inNatural: ArrayLike<number>;
  readonly inAdversarial: ArrayLike<number>;
}

function figures(loss: (typeof losses)[keyof typeof losses], natural: number[][], adversarial: number[][]): Figures {
  return tf.tidy(() => {
    const [p, q] = [tf.tensor2d(natural), tf.tensor2d(adversarial)];
    const y = tf.tensor1d(
      natural.map((_, row) => Math.floor(row / 6) % 3),
      "int32",
    );
    const { value, gradient } = valueAndGradient((z: Logits) => loss(z, q, y, 6), p);
    const inQ = valueAndGradient((z: Logits) => loss(p, z, y, 6), q);
    return { value: value.dataSync(), inNatural: gradient.dataSync(), inAdversarial: inQ.gradient.dataSync() };
  });
}

/** All pairs of rows, the natural ones first. */
function pairs(rows: readonly number[][]): [number[][], number[][]] {
  const both = rows.flatMap((p) => rows.map((q) => [p, q] as const));
  return [both.map(([p]) => p), both.map(([, q]) => q)];
}

const corners = (size: number): [number[][], number[][]] =>
  pairs([
    [size, -size, -size],
    [-size, size, -size],
    [-size, size, size],
    [size, size, size],
    [0, 0, -size],
    [0, 1, 0.5],
  ]);

const allFinite = (numbers: ArrayLike<number>): boolean => Array.from(numbers).every(Number.isFinite);

describe.each(["cpu", "wasm", "float16", "bfloat16"] as const)("on %s", (backend) => {
  beforeAll(async () => {
    if (backend === "wasm") await useBackend("wasm");
    else if (backend !== "cpu") registerHalfPrecision(backend);
    await tf.setBackend(backend);
  });
  afterAll(async () => {
    await tf.setBackend("cpu");
    if (backend === "float16" || backend === "bfloat16") tf.removeBackend(backend);
  });

  // In float16 six times a divergence of 2e4 is beyond the largest number, and the square of 256.
  it.each([
    ["martLoss", 1e4],
    ["tradesLoss", backend === "float16" ? 4e3 : 1e4],
    ["rstLoss", backend === "float16" ? 4e3 : 1e4],
    ["dklLoss", backend === "float16" ? 50 : 1e4],
  ] as const)("%s and its gradients are finite for logits of ±%d", (name, size) => {
    for (const numbers of Object.values({ ...figures(losses[name], ...corners(size)) }))
      expect(allFinite(numbers)).toBe(true);
  });

  it.each(["martLoss", "tradesLoss", "rstLoss", "dklLoss"] as const)(
    "%s is near what it is in float32",
    async (name) => {
      const [natural, adversarial] = [noise(0), noise(1)];
      const ours = figures(losses[name], natural, adversarial);
      await tf.setBackend("cpu");
      const exact = figures(losses[name], natural, adversarial);
      await tf.setBackend(backend);
      const within = { cpu: 0, wasm: 1e-5, float16: 2e-2, bfloat16: 0.1 }[backend];
      for (const key of ["value", "inNatural", "inAdversarial"] as const) {
        expect(relativeDeviation(ours[key], exact[key]), key).toBeLessThanOrEqual(within);
      }
    },
  );
});

function noise(seed: number): number[][] {
  return tf.tidy(() => uniform(random(seed), [6, 4], -4, 4).arraySync() as number[][]);
}
