import { normal, random } from "@awp/core";
import { addScaled } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onTorch, torch } from "../torch";
import { along, type Route, routes } from "./routes";

onTorch();

/** More tensors than one launch takes, empty ones, single elements, more elements than one block takes. */
const shapes: readonly (readonly number[])[] = [
  [],
  [1],
  [0],
  [3, 3, 2, 5],
  [7],
  [40, 500],
  [1, 1, 9, 1],
  [0, 4],
  ...Array.from({ length: 70 }, (_, i) => [1 + (i % 3), 2, 1 + (i % 5)]),
];

const draw = (seed: number, shape: readonly number[]): tf.Tensor => normal(random(seed), [...shape]);
const drawAll = (seed: number, given = shapes): tf.Tensor[] => given.map((shape, i) => draw(seed + i, shape));
const valuesOf = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

function run(name: string, inputs: object, attributes: object): tf.Tensor | tf.Tensor[] {
  return tf.engine().runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap);
}

const numbered = (role: string, tensors: readonly tf.Tensor[]): Record<string, tf.Tensor> =>
  Object.fromEntries(tensors.map((tensor, i) => [`${role}${i}`, tensor]));

type Scaling = "layer" | "filter" | "global";
const scalings: readonly Scaling[] = ["layer", "filter", "global"];

function groupNorms(route: Route, tensors: readonly tf.Tensor[], scaling: Scaling): number[] {
  return along(route, () =>
    valuesOf(run("GroupNorms", numbered("tensor", tensors), { count: tensors.length, scaling }) as tf.Tensor),
  );
}

function rescaled(
  route: Route,
  norms: readonly number[],
  tensors: readonly tf.Tensor[],
  scaling: Scaling,
  lengths: readonly number[],
): tf.Tensor[] {
  const inputs = { ...numbered("direction", tensors), norms: tf.tensor1d([...norms]) };
  const attributes = { count: tensors.length, scaling, lengths };
  return along(route, () => run("GroupRescaled", inputs, attributes) as tf.Tensor[]);
}

/** The groups of a tensor's values: all of them, or those of each index of the last axis. */
function groupsOf(tensor: tf.Tensor, scaling: Scaling): number[][] {
  const values = valuesOf(tensor);
  const filters = tensor.shape.at(-1) ?? 1;
  if (scaling !== "filter" || tensor.rank < 2) return [values];
  return Array.from({ length: filters }, (_, filter) => values.filter((_, i) => i % filters === filter));
}

const norm = (values: readonly number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));

function normsInDouble(tensors: readonly tf.Tensor[], scaling: Scaling): number[] {
  const groups = tensors.flatMap((tensor) => groupsOf(tensor, scaling));
  return scaling === "global" ? [norm(groups.map(norm))] : groups.map(norm);
}

const within = (values: readonly number[], relative: number): unknown[] =>
  values.map((value) => ({
    asymmetricMatch: (got: number) => Object.is(got, value) || Math.abs(got - value) <= relative * Math.abs(value),
    toString: () => `${value} ± ${relative}`,
  }));

/** A filter in the order of elements that a convolution gave it. */
function usedFilter(seed: number): tf.Tensor {
  const filter = draw(seed, [3, 3, 4, 6]) as tf.Tensor4D;
  tf.conv2d(draw(1, [1, 5, 5, 4]) as tf.Tensor4D, filter, 1, "same");
  return filter;
}

describe.each(routes)("on the %s route", (route) => {
  describe.each(scalings)("GroupNorms by %s", (scaling) => {
    test("are those of sums in double", () => {
      const tensors = drawAll(1);
      expect(groupNorms(route, tensors, scaling)).toEqual(within(normsInDouble(tensors, scaling), 1e-7));
    });

    test("do not depend on the order of a filter's elements", () => {
      const tensors = [usedFilter(3), draw(4, [5, 6])];
      expect(groupNorms(route, tensors, scaling)).toEqual(within(normsInDouble(tensors, scaling), 1e-7));
    });

    test.each([1e-30, 1e30])("hold for entries of %f", (size) => {
      const tensors = [tf.fill([6, 3], size), tf.fill([3], -size)];
      const reference = { layer: [18, 3], filter: [6, 6, 6, 3], global: [21] }[scaling];
      expect(groupNorms(route, tensors, scaling)).toEqual(
        within(
          reference.map((count) => Math.sqrt(count) * Math.fround(size)),
          1e-6,
        ),
      );
    });

    test("a rescaled direction has its length in norms and its direction", () => {
      const [weights, directions] = [drawAll(1), drawAll(1000)];
      const lengths = shapes.map((_, i) => 0.01 + 0.001 * i);
      const norms = groupNorms(route, weights, scaling);
      const results = rescaled(route, norms, directions, scaling, lengths);
      const [own, given] = [normsInDouble(directions, scaling), normsInDouble(weights, scaling)];
      let group = 0;
      for (const [i, direction] of directions.entries()) {
        const groups = groupsOf(direction, scaling);
        const wanted = groups.map((values, k) => {
          const place = scaling === "global" ? 0 : group + k;
          return values.map((value) => (value * lengths[i]! * given[place]!) / own[place]!);
        });
        expect(groupsOf(results[i]!, scaling).flat()).toEqual(within(wanted.flat(), 1e-6));
        group += groups.length;
      }
    });
  });

  test("a direction of zeros stays at 0, one of 1e-30 gets its length, NaN stays among its own", () => {
    const directions = [tf.zeros([4]), tf.fill([2, 2], 1e-30), tf.tensor1d([Number.NaN, 1])];
    const [zero, tiny, broken] = rescaled(route, [2, 3, 1], directions, "layer", [0.5, 0.5, 1]);
    expect(valuesOf(zero!)).toEqual([0, 0, 0, 0]);
    expect(valuesOf(tiny!)).toEqual(within([0.75, 0.75, 0.75, 0.75], 1e-6));
    expect(valuesOf(broken!)).toEqual([Number.NaN, 1]);
  });

  test("AddScaled is base + factor · addend, in float32, of tensors in any order of elements", () => {
    const [bases, addends] = [
      [...drawAll(1), usedFilter(2)],
      [...drawAll(500), draw(3, [3, 3, 4, 6])],
    ];
    const factors = bases.map((_, i) => (i % 4 === 0 ? 1 : 0.3 * i));
    const sums = bases.map((base, i) => ({ base, addend: addends[i]!, factor: factors[i]! }));
    const results = along(route, () => addScaled(sums));
    for (const [i, result] of results.entries()) {
      const [a, b] = [valuesOf(bases[i]!), valuesOf(addends[i]!)];
      expect(valuesOf(result)).toEqual(
        a.map((value, k) => Math.fround(value + Math.fround(Math.fround(factors[i]!) * b[k]!))),
      );
    }
  });

  test.each([
    { momentum: 0, nesterov: false },
    { momentum: 0.9, nesterov: false },
    { momentum: 0.9, nesterov: true },
  ])("SgdUpdate of many weights with momentum $momentum, nesterov $nesterov", ({ momentum, nesterov }) => {
    const [weights, gradients, buffers] = [
      [...drawAll(1), usedFilter(2)],
      [...drawAll(300), draw(3, [3, 3, 4, 6])],
      [...drawAll(600), draw(4, [3, 3, 4, 6])],
    ];
    const inputs = {
      ...numbered("weight", weights),
      ...numbered("gradient", gradients),
      ...(momentum > 0 && numbered("buffer", buffers)),
      learningRate: tf.scalar(0.1),
    };
    const count = weights.length;
    const results = along(route, () => run("SgdUpdate", inputs, { count, momentum, nesterov }) as tf.Tensor[]);
    expect(results).toHaveLength(momentum > 0 ? 2 * count : count);
    for (const [i, weight] of weights.entries()) {
      const [w, g, m] = [valuesOf(weight), valuesOf(gradients[i]!), valuesOf(buffers[i]!)];
      const moved = g.map((value, k) => value + momentum * m[k]!);
      const direction = nesterov ? g.map((value, k) => value + momentum * moved[k]!) : moved;
      expect(valuesOf(results[i]!)).toEqual(
        w.map((value, k) => expect.closeTo(value - 0.1 * direction[k]!, 5) as number),
      );
      if (momentum > 0) {
        expect(valuesOf(results[count + i]!)).toEqual(moved.map((value) => expect.closeTo(value, 5) as number));
      }
    }
  });
});

test("random lists of tensors come out of both routes as of sums in double", () => {
  const shape = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 });
  const lists = fc.array(shape, { minLength: 1, maxLength: 150 });
  fc.assert(
    fc.property(lists, fc.constantFrom(...scalings), fc.constantFrom(...routes), (given, scaling, route) => {
      tf.tidy(() => {
        const tensors = drawAll(7, given);
        expect(groupNorms(route, tensors, scaling)).toEqual(within(normsInDouble(tensors, scaling), 1e-6));
      });
    }),
    { numRuns: 30 },
  );
});

test("what does not fit is an error that says so, before any work", () => {
  const [a, b, c] = [tf.ones([2]), tf.ones([3]), tf.ones([2], "int32")];
  expect(() => addScaled([{ base: a, addend: b, factor: 1 }])).toThrow(
    /^AddScaled: input 1 is of sizes \[3\], want \[2\]/,
  );
  expect(() => addScaled([{ base: c, addend: c, factor: 1 }])).toThrow(
    /^AddScaled: input 0 is of type Int, want float32/,
  );
  expect(() => rescaled("cpu", [1, 2], [a], "layer", [1])).toThrow(/^GroupRescaled: 2 norms for 1 groups/);
  expect(() => torch().run("GroupNorms", [a], [2, 0])).toThrow(/^GroupNorms: 2 tensors among 1 inputs/);
});
