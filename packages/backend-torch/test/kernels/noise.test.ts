import { integers, normal, random, type Random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { onTorch, outcomeOn, torch } from "../torch";

onTorch();

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const rowKeys = fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { minLength: 1, maxLength: 4 });
const rest = fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 3 });

type Draw = (random: Random, shape: number[]) => tf.Tensor;

/** The largest difference between the draw on torch and in plain JavaScript, with rows and without. */
async function largestDifference(draw: Draw): Promise<number> {
  let largest = 0;
  await fc.assert(
    fc.asyncProperty(seeds, fc.boolean(), rowKeys, rest, async (seed, byRow, keys, sizes) => {
      const source = random(seed).fold(seed % 7);
      const compute = () => draw(byRow ? source.forRows(Int32Array.from(keys)) : source, [keys.length, ...sizes]);
      const [expected, actual] = [await outcomeOn("cpu", compute), await outcomeOn("torch", compute)];
      const [want, got] = [expected.tensors[0], actual.tensors[0]];
      expect({ ...got, values: [] }).toEqual({ ...want, values: [] });
      for (const [i, value] of (want?.values ?? []).entries()) {
        largest = Math.max(largest, Math.abs(value - (got?.values[i] ?? Number.NaN)));
      }
    }),
    { numRuns: 300 },
  );
  return largest;
}

test.each([
  [0, 1],
  [-8 / 255, 8 / 255],
  [1, 1 + 2 ** -23],
  [-3e38, 1],
])("uniforms drawn in [%d, %d) are the same bits as JavaScript's", async (low, high) => {
  expect(await largestDifference((source, shape) => uniform(source, shape, low, high))).toBe(0);
});

test.each([
  [0, 10],
  [-5, 6],
  [-(2 ** 31), 2 ** 31 - 1],
])("integers drawn in [%i, %i) are the same as JavaScript's", async (low, high) => {
  expect(await largestDifference((source, shape) => integers(source, shape, low, high))).toBe(0);
});

test("normals drawn agree with JavaScript's within 1e-6", async () => {
  expect(await largestDifference((source, shape) => normal(source, shape, 0.5, 2))).toBeLessThan(1e-6);
});

test("a large draw of noise is the same however many threads share it", async () => {
  const compute = () => uniform(random(3).forRows(Int32Array.of(5, 9)), [2, 50_001]);
  const [expected, actual] = [await outcomeOn("cpu", compute), await outcomeOn("torch", compute)];
  expect(actual).toEqual(expected);
});

/** Runs the native kernel, and the one in tensor operations that a GPU runs. */
function bothForms(name: string, shape: number[], numbers: number[], seed: number, rows?: number[]): number[][] {
  return tf.tidy(() => {
    const key = tf.tensor1d(Int32Array.of(seed, -seed), "int32");
    const rowKeys = rows && tf.tensor1d(Int32Array.from(rows), "int32");
    const words = [shape.length, ...shape, -seed, seed];
    return [name, `${name}OnDevice`].map((kernel) => {
      const info = torch().runOne(kernel, [key, rowKeys], words, numbers);
      return Array.from(tf.engine().makeTensorFromTensorInfo(info).dataSync()) as unknown as tf.Tensor;
    });
  }) as unknown as number[][];
}

test.each([
  ["PhiloxUniform", [-8 / 255, 8 / 255], 0],
  ["PhiloxUniform", [1, 1 + 2 ** -23], 0],
  ["PhiloxIntegers", [-(2 ** 31), 2 ** 31 - 1], 0],
  ["PhiloxIntegers", [-5, 6], 0],
  ["PhiloxNormal", [0.5, 2], 1e-6],
])("%s in tensor operations, as on a GPU, with %j: within %d", (name, numbers, tolerance) => {
  fc.assert(
    fc.property(seeds, fc.boolean(), rowKeys, rest, (seed, byRow, keys, sizes) => {
      const [loops, operations] = bothForms(name, [keys.length, ...sizes], numbers, seed, byRow ? keys : undefined);
      expect(operations).toHaveLength(loops!.length);
      for (const [i, value] of loops!.entries()) {
        expect(Math.abs(operations![i]! - value)).toBeLessThanOrEqual(tolerance);
      }
    }),
    { numRuns: 300 },
  );
});
