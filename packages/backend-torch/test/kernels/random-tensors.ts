import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect } from "vitest";
import { type Outcome, outcomeOn } from "../torch";

/** A tensor to be made anew on each backend. */
export interface Plan {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "bool";
  readonly values: readonly number[];
}

export const dtypes: fc.Arbitrary<Plan["dtype"]> = fc.constantFrom("float32", "int32", "bool" as const);
const special = fc.constantFrom(0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, Number.NaN, Infinity, -Infinity, 1e-8, 7);
const float = fc.oneof(special, fc.double({ min: -4, max: 4 }));

export function plan(shape: readonly number[], types: fc.Arbitrary<Plan["dtype"]> = dtypes): fc.Arbitrary<Plan> {
  const count = shape.reduce((size, n) => size * n, 1);
  return types.chain((dtype) => {
    const value =
      dtype === "float32" ? float : fc.integer({ min: dtype === "bool" ? 0 : -9, max: dtype === "bool" ? 1 : 9 });
    return fc.array(value, { minLength: count, maxLength: count }).map((values) => ({ shape, dtype, values }));
  });
}

export const shapes: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
export const anyTensor: fc.Arbitrary<Plan> = shapes.chain((shape) => plan(shape));
export const make = ({ values, shape, dtype }: Plan): tf.Tensor => tf.tensor([...values], [...shape], dtype);

/** Runs a computation on both backends and compares: both throw, or types, shapes and values agree. */
export async function agree(compute: () => tf.Tensor | tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await outcomeOn("cpu", compute);
  const actual = await outcomeOn("torch", compute);
  expect(describe(actual)).toEqual(describe(expected));
  for (const [i, { values }] of expected.tensors.entries()) {
    const got = actual.tensors[i]?.values ?? [];
    for (const [j, value] of values.entries()) {
      const close = Object.is(got[j], value) || got[j] === value;
      if (!close && !(Math.abs((got[j] as number) - value) <= tolerance * (1 + Math.abs(value)))) {
        expect.fail(`output ${i}, element ${j}: torch has ${got[j]}, cpu ${value}`);
      }
    }
  }
}

const describe = ({ threw, tensors }: Outcome) => ({
  threw,
  tensors: tensors.map(({ dtype, shape }) => ({ dtype, shape })),
});
