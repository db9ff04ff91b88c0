import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { integersFromBits, normalFromBits, uniformFromBits } from "./distribution";
import { requireNonNegative } from "../argument";
import { requireArgument } from "../error";
import { type ContractKernel, runNamedKernel } from "../kernel/kernel";
import type { Kernels, PhiloxAttributes, PhiloxInputs } from "../kernel/kernels";
import type { Random } from "./random";
import { randomBits } from "./random-bits";

const philoxUniform: ContractKernel<"PhiloxUniform"> = {
  name: "PhiloxUniform",
  composite: (inputs, attributes) =>
    tensor(uniformFromBits(bits(inputs, attributes), attributes.low, attributes.high), attributes, "float32"),
};

const philoxNormal: ContractKernel<"PhiloxNormal"> = {
  name: "PhiloxNormal",
  composite: (inputs, attributes) =>
    tensor(normalFromBits(bits(inputs, attributes, 2), attributes.mean, attributes.std), attributes, "float32"),
};

const philoxIntegers: ContractKernel<"PhiloxIntegers"> = {
  name: "PhiloxIntegers",
  composite: (inputs, attributes) =>
    tensor(integersFromBits(bits(inputs, attributes), attributes.low, attributes.high), attributes, "int32"),
};

/**
 * Independent uniform numbers in [low, high), float32, of the given shape; the same bits on every backend.
 *
 * With rows, the first axis has one entry per row, and a row's numbers depend on its key alone. A new tensor.
 *
 * @example
 * const noise = uniform(random(0), images.shape, -8 / 255, 8 / 255);
 * @throws ArgumentError for ends that are no interval of float32, or a shape that does not fit the rows.
 */
export function uniform(random: Random, shape: readonly number[], low = 0, high = 1): Tensor {
  requireRange(low, high);
  return draw(philoxUniform, random, shape, { low, high });
}

/**
 * Independent normal numbers, float32, of the given shape; rows as in {@link uniform}. A new tensor.
 *
 * @example
 * const noise = normal(random(0), [8, 32, 32, 3], 0, 0.001);
 */
export function normal(random: Random, shape: readonly number[], mean = 0, std = 1): Tensor {
  requireArgument(Number.isFinite(mean), "mean", mean, "a finite number");
  requireNonNegative("std", std);
  return draw(philoxNormal, random, shape, { mean, std });
}

/**
 * Independent integers in [low, high), int32, of the given shape, the same on every backend; a new tensor. Rows as in
 * {@link uniform}.
 *
 * @example
 * const targets = integers(random(0), [128], 0, 10); // 128 classes of 10
 */
export function integers(random: Random, shape: readonly number[], low: number, high: number): Tensor {
  const inRange = (n: number): boolean => Number.isInteger(n) && n >= -(2 ** 31) && n <= 2 ** 31;
  const wordSized = low < high && high - low < 2 ** 32;
  requireArgument(inRange(low) && inRange(high) && wordSized, "high", high, `an int32 bound above low = ${low}`);
  return draw(philoxIntegers, random, shape, { low, high });
}

/** Throws unless `[low, high]` is an interval that float32 can span. */
function requireRange(low: number, high: number): void {
  requireArgument(Number.isFinite(Math.fround(low)), "low", low, "a finite float32");
  requireArgument(low <= high && Number.isFinite(Math.fround(high - low)), "high", high, `finite, at least ${low}`);
}

function draw<Name extends "PhiloxUniform" | "PhiloxNormal" | "PhiloxIntegers">(
  kernel: ContractKernel<Name>,
  { key, stream, rows }: Random,
  shape: readonly number[],
  parameters: Omit<Kernels[Name]["attributes"], keyof PhiloxAttributes>,
): Tensor {
  requireArgument(
    shape.every((size) => Number.isInteger(size) && size >= 0),
    "shape",
    shape,
    "sizes that are integers, not negative",
  );
  const rowCount = rows === undefined ? undefined : "dtype" in rows ? rows.size : rows.length;
  requireArgument(
    rowCount === undefined || shape[0] === rowCount,
    "shape",
    shape,
    `a first axis with one entry per row, ${rowCount}`,
  );
  return tf.tidy(() => {
    const inputs = { key: words(key), ...(rows === undefined ? {} : { rows: words(rows) }) };
    const attributes = {
      ...parameters,
      shape: [...shape],
      stream: [...stream],
    } as unknown as Kernels[Name]["attributes"];
    return runNamedKernel(kernel, inputs, attributes);
  });
}

function words(values: readonly number[] | Int32Array | Tensor1D): Tensor1D {
  return "dtype" in values ? values : tf.tensor1d(Int32Array.from(values), "int32");
}

function bits({ key, rows }: PhiloxInputs, { shape, stream }: PhiloxAttributes, wordsPerValue = 1): Uint32Array {
  // A composite has no other way to a key on the device; recorded steps need a backend with the native kernel.
  // eslint-disable-next-line no-restricted-syntax -- see above
  const [keyWords, rowKeys] = [key.dataSync(), rows?.dataSync()];
  const source = { key: keyWords, stream, ...(rowKeys === undefined ? {} : { rows: rowKeys }) };
  return randomBits(source, tf.util.sizeFromShape([...shape]) * wordsPerValue);
}

function tensor(values: Float32Array | Int32Array, { shape }: PhiloxAttributes, dtype: "float32" | "int32"): Tensor {
  return tf.tensor(values, [...shape], dtype);
}
