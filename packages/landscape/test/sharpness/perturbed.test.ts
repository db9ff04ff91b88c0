import { drain, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { averageSharpness, type SharpnessOptions, worstCaseSharpness } from "../../src";
import { batchesOf, bitsOf, disposeToys, quadratic, regression } from "./toy";

afterEach(disposeToys);

const identity = [
  [1, 0],
  [0, 1],
];

test("worstCaseSharpness of ½‖w‖² is ((1 + γ)² − 1) / 2 · ‖w‖²: the worst v is along w", async () => {
  const options = { ...quadratic(identity, [3, 4]), gamma: 0.1, random: random(0) };
  const found = await drain(worstCaseSharpness(options));
  expect(found.loss).toBeCloseTo(12.5, 5);
  expect(found.perturbedLoss).toBeCloseTo(12.5 * 1.21, 5);
  expect(found.sharpness).toBeCloseTo(12.5 * 0.21, 5);
  expect(found.images).toBe(5);
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

test("worstCaseSharpness with more steps finds no smaller loss on a convex one", async () => {
  const lopsided = [
    [10, 0],
    [0, 1],
  ];
  const sharpness = async (steps: number) =>
    (await drain(worstCaseSharpness({ ...quadratic(lopsided, [0.1, 1]), gamma: 0.5, steps, random: random(0) })))
      .sharpness;
  expect(await sharpness(10)).toBeGreaterThan((await sharpness(1)) * 1.01);
});

test("averageSharpness at the minimum of ½‖w − c‖² is γ²‖c‖² / 2 for every perturbation", async () => {
  const options = { ...quadratic(identity, [3, 4], [3, 4]), gamma: 0.1, samples: 4, random: random(0) };
  const found = await drain(averageSharpness(options));
  expect(found.loss).toBe(0);
  expect(found.perturbedLosses).toHaveLength(4);
  for (const loss of found.perturbedLosses) expect(loss).toBeCloseTo(0.125, 5);
  expect(found.deviation).toBeLessThan(1e-6);
  expect(found.sharpness).toBeCloseTo(0.125, 5);
});

test("averageSharpness has the mean and the deviation of its losses, and is below the worst case", async () => {
  const options = { network: regression(), batches: batchesOf([4, 3]), gamma: 0.2, random: random(0) };
  const found = await drain(averageSharpness({ ...options, samples: 6 }));
  const mean = found.perturbedLosses.reduce((sum, loss) => sum + loss) / 6;
  expect(found.perturbedLoss).toBeCloseTo(mean, 10);
  const squares = found.perturbedLosses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  expect(found.deviation).toBeCloseTo(Math.sqrt(squares / 5), 10);
  expect(new Set(found.perturbedLosses).size).toBe(6);
  const worst = await drain(worstCaseSharpness({ ...options, steps: 3 }));
  expect(worst.loss).toBe(found.loss);
  expect(worst.perturbedLoss).toBeGreaterThan(Math.max(...found.perturbedLosses));
});

test.each([
  ["fixed", 2],
  ["anew", 4],
] as const)("worstCaseSharpness on adversarial images that are %s attacks %i batches", async (adversarial, attacks) => {
  const seen: string[] = [];
  const network = regression();
  const found = await drain(
    worstCaseSharpness({
      ...{ network, batches: batchesOf([4, 3]), gamma: 0.1, adversarial, random: random(0) },
      attack: (classifier, x) => {
        seen.push(tf.tidy(() => classifier(x).dataSync().join()));
        return tf.sub(1, x);
      },
    }),
  );
  expect(seen).toHaveLength(attacks);
  expect(new Set(seen).size).toBe(attacks); // the later ones are made on the displaced network
  expect(found.sharpness).toBeGreaterThan(0);
});

const shared = (): SharpnessOptions => ({ network: regression(), batches: batchesOf([4, 3]), random: random(0) });

test.each([
  ["worstCaseSharpness", (options: SharpnessOptions) => worstCaseSharpness({ ...options, gamma: 0.1 })],
  ["averageSharpness", (options: SharpnessOptions) => averageSharpness({ ...options, gamma: 0.1 })],
] as const)("%s leaves nothing and puts the weights back, also when it is ended or fails", async (_, run) => {
  const options = shared();
  const before = bitsOf(options.network);
  let first: unknown;
  await expect(async () => void (first = await drain<unknown, unknown>(run(options)))).toAllocateAsync(0);
  expect(await drain<unknown, unknown>(run(options))).toEqual(first);
  expect(bitsOf(options.network)).toBe(before);

  const stopper = new AbortController();
  let calls = 0;
  const loss: SharpnessOptions["loss"] = (network, { images }) => {
    calls += 1;
    if (calls === 5) stopper.abort(); // by then the weights are displaced
    return tf.tidy(
      () => tf.sum<tf.Rank.R1 & tf.Tensor1D>(network.forward(images, "eval"), 1) as unknown as tf.Tensor1D,
    );
  };
  await expect(async () => {
    await expect(drain<unknown, unknown>(run({ ...options, loss, signal: stopper.signal }))).rejects.toThrow("abort");
  }).toAllocateAsync(0);
  expect(bitsOf(options.network)).toBe(before);
});

test.each([
  [{ gamma: -1 }, "gamma: got -1"],
  [{ samples: 0 }, "samples: got 0"],
  [{ adversarial: "never" as "anew" }, 'adversarial: got "never"'],
] as const)("averageSharpness refuses %o", async (options, message) => {
  await expect(drain(averageSharpness({ ...shared(), gamma: 0.1, ...options }))).rejects.toThrow(message);
});
