import { crossEntropy, drain, klDivergence, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { hessianEigenvalues, hessianTrace, type SharpnessOptions } from "../../src";
import { batchesOf, bitsOf, disposeToys, quadratic, regression } from "./toy";

afterEach(disposeToys);

// In two blocks: 4 alone, and [[2, 2], [2, −1]], which has the eigenvalues 3 and −2.
const matrix = [
  [4, 0, 0],
  [0, 2, 2],
  [0, 2, -1],
];
const toy = () => ({ ...quadratic(matrix, [0.5, -1, 2]), random: random(3) });

test("hessianEigenvalues of a quadratic are those of its matrix, exact", async () => {
  const found = await drain(hessianEigenvalues({ ...toy(), count: 3 }));
  [4, 3, -2].forEach((value, k) => expect(found.eigenvalues[k]).toBeCloseTo(value, 5));
  expect(found).toMatchObject({ converged: true, iterations: 3, images: 5, parameters: 3, differentiation: "exact" });
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

test("hessianEigenvalues by magnitude has a negative one before smaller positive ones", async () => {
  const shifted = quadratic(
    [
      [-5, 0],
      [0, 1],
    ],
    [1, 1],
  );
  const { eigenvalues } = await drain(hessianEigenvalues({ ...shifted, order: "magnitude", random: random(0) }));
  expect(eigenvalues[0]).toBeCloseTo(-5, 5);
  const algebraic = await drain(hessianEigenvalues({ ...shifted, random: random(0) }));
  expect(algebraic.eigenvalues[0]).toBeCloseTo(1, 5);
});

test("hessianEigenvalues gives eigenvectors as directions of length 1, which the caller disposes", async () => {
  const options = { ...toy(), vectors: true };
  await expect(async () => {
    const { eigenvectors = [] } = await drain(hessianEigenvalues(options));
    expect(eigenvectors[0]?.description).toBe("Hessian eigenvector 1, λ = 4.00");
    const entries = eigenvectors[0]!.deltas.get("w")!.dataSync();
    [1, 0, 0].forEach((value, i) => expect(Math.abs(entries[i]!)).toBeCloseTo(value, 4));
    return [...eigenvectors[0]!.deltas.values()];
  }).toAllocateAsync(1);
});

test("hessianTrace of a diagonal Hessian is its trace whatever the signs", async () => {
  const diagonal = quadratic(
    [
      [4, 0],
      [0, -1],
    ],
    [1, 1],
  );
  const found = await drain(hessianTrace({ ...diagonal, samples: 3, random: random(0) }));
  expect(found).toMatchObject({ samples: [3, 3, 3], trace: 3, standardError: 0, differentiation: "exact" });
});

test("hessianTrace of another is within its standard error, mostly", async () => {
  // vᵀAv = 5 ± 4 with equal chances: the standard error of 64 samples is 4 / 8.
  const { trace, standardError } = await drain(hessianTrace({ ...toy(), samples: 64 }));
  expect(standardError).toBeCloseTo(0.5, 1);
  expect(Math.abs(trace - 5)).toBeLessThan(3 * standardError);
});

/** Softmax regression: the Hessian does not depend on the labels, so cross-entropy and divergence have the same. */
const smooth = (): SharpnessOptions => ({ network: regression(), batches: batchesOf([4, 3]), random: random(1) });
const divergence: SharpnessOptions["loss"] = (network, { images }, _adversarial, mode) =>
  tf.tidy(() => klDivergence(tf.zeros([images.shape[0], 3]), network.forward(images, mode)));

test("a loss without second derivatives falls back to central differences, says so, and agrees", async () => {
  const options = smooth();
  const before = bitsOf(options.network);
  const exact = await drain(hessianEigenvalues(options));
  const fallen = await drain(hessianEigenvalues({ ...options, loss: divergence }));
  expect([exact.differentiation, fallen.differentiation]).toEqual(["exact", "central differences"]);
  expect(fallen.eigenvalues[0]! / exact.eigenvalues[0]!).toBeCloseTo(1, 2);
  expect(bitsOf(options.network)).toBe(before);
  const trace = (await drain(hessianTrace(options))).trace;
  expect((await drain(hessianTrace({ ...options, loss: divergence }))).trace / trace).toBeCloseTo(1, 2);
});

test("the Hessian is that of the mean over all images, whatever the batches, and of the chosen parameters", async () => {
  const network = regression();
  const found = async (options: Partial<SharpnessOptions>) =>
    (await drain(hessianTrace({ network, batches: batchesOf([7]), random: random(1), ...options }))).trace;
  const whole = await found({});
  expect(await found({ batches: batchesOf([4, 3]) })).toBeCloseTo(whole, 5);
  expect(await found({ predicate: () => true })).not.toBeCloseTo(whole, 2);
  // In the biases alone the Hessian is the mean of diag(p) − ppᵀ.
  const biases = await drain(
    hessianEigenvalues({
      ...{ network, batches: batchesOf([7]), random: random(1) },
      predicate: (name) => name === "bias",
      count: 3,
    }),
  );
  const [batch] = batchesOf([7])();
  const p = tf.softmax(network.forward(batch!.images, "eval"));
  const trace = tf.sum(tf.mul(p, tf.sub(1, p))).dataSync()[0]! / 7;
  expect(biases.eigenvalues.reduce((sum, value) => sum + value)).toBeCloseTo(trace, 5);
  expect(biases.eigenvalues[2]).toBeCloseTo(0, 5); // adding one number to all logits changes nothing
});

test("the Hessian is taken on adversarial images that are made once and held", async () => {
  let attacks = 0;
  const options: SharpnessOptions = {
    ...smooth(),
    attack: (_, x) => {
      attacks += 1;
      return tf.zerosLike(x);
    },
    // Of what the attack returns: with black images no weight counts.
    loss: (network, { labels }, adversarial, mode) =>
      tf.tidy(() => crossEntropy(network.forward(adversarial, mode), labels)),
  };
  const { trace } = await drain(hessianTrace(options));
  expect(trace).toBe(0);
  expect(attacks).toBe(2);
});

test.each([
  ["hessianEigenvalues", (options: SharpnessOptions) => hessianEigenvalues(options)],
  ["hessianTrace", (options: SharpnessOptions) => hessianTrace(options)],
] as const)("%s gives the same for the same seed, leaves nothing, and ends at a signal", async (_, run) => {
  const options = smooth();
  const before = bitsOf(options.network);
  let first: unknown;
  await expect(async () => void (first = await drain<unknown, unknown>(run(options)))).toAllocateAsync(0);
  expect(await drain<unknown, unknown>(run(options))).toEqual(first);
  expect(await drain<unknown, unknown>(run({ ...options, random: random(2) }))).not.toEqual(first);
  const stopper = new AbortController();
  const stopped = { ...options, loss: divergence!, signal: stopper.signal };
  await expect(async () => {
    await expect(drain<unknown, unknown>(run(stopped), () => stopper.abort())).rejects.toThrow("abort");
  }).toAllocateAsync(0);
  expect(bitsOf(options.network)).toBe(before);
});

test.each([
  [{ count: 0 }, "count: got 0"],
  [{ count: 4 }, "count: got 4, want at most 3"],
  [{ iterations: 1, count: 2 }, "iterations: got 1, want an integer of at least 2"],
  [{ tolerance: 0 }, "tolerance: got 0"],
  [{ order: "size" as "magnitude" }, 'order: got "size"'],
  [{ predicate: () => false }, "predicate: got"],
  [{ random: random(0).forRows(new Int32Array([1])) }, "random: got"],
] as const)("hessianEigenvalues refuses %o", async (options, message) => {
  await expect(drain(hessianEigenvalues({ ...toy(), ...options }))).rejects.toThrow(message);
});
