import { random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch, outcomeOn } from "../torch";

onTorch();

const draw = (seed: number, shape: number[]): tf.Tensor => uniform(random(seed), shape, -1, 1);

/** A filter whose elements stand in the order of the convolution, which has used it. */
function usedFilter(): tf.Tensor4D {
  const filter = draw(1, [3, 3, 2, 4]) as tf.Tensor4D;
  tf.conv2d(draw(2, [1, 5, 5, 2]) as tf.Tensor4D, filter, 1, "same");
  return filter;
}

const uses: Record<string, (filter: tf.Tensor4D) => tf.Tensor> = {
  "its values": (filter) => tf.clone(filter),
  "a sum with another order": (filter) => tf.add(draw(3, [3, 3, 2, 4]), filter),
  "a difference with another order": (filter) => tf.sub(filter, draw(3, [3, 3, 2, 4])),
  "a product with a broadcast vector": (filter) => tf.mul(filter, draw(4, [4])),
  "a unary": (filter) => tf.tanh(filter),
  "a reduction": (filter) => tf.sum(filter, [0, 2]),
  "a norm": (filter) => tf.norm(filter),
  "a reshape": (filter) => tf.reshape(filter, [9, 8]),
  "a product of matrices": (filter) => tf.matMul(tf.reshape(filter, [18, 4]), draw(5, [4, 2])),
  "a transpose": (filter) => tf.transpose(filter, [1, 0, 3, 2]),
  "a slice": (filter) => tf.slice(filter, [1, 0, 1, 1], [2, 3, 1, 2]),
  "a concatenation": (filter) => tf.concat([filter, draw(6, [3, 3, 2, 4])], 3),
  "an image": (filter) => tf.avgPool(filter, 2, 1, "valid"),
  "a choice": (filter) => tf.where(tf.greater(filter, 0), filter, tf.zerosLike(filter)),
  "a kernel that is JavaScript's": (filter) =>
    tf.mirrorPad(
      filter,
      [1, 1, 0, 0].map((n): [number, number] => [n, n]),
      "reflect",
    ),
  "its own gradient": (filter) =>
    tf.grad((f: tf.Tensor) => tf.conv2d(draw(7, [2, 6, 6, 2]) as tf.Tensor4D, f as tf.Tensor4D, 2, 1))(filter),
};

test.each(Object.entries(uses))("%s does not depend on the order in which a filter is stored", async (_, use) => {
  const [ours, reference] = [
    await outcomeOn("torch", () => use(usedFilter())),
    await outcomeOn("cpu", () => use(usedFilter())),
  ];
  expect(reference.threw).toBe(false);
  expect(ours.tensors[0]?.shape).toEqual(reference.tensors[0]?.shape);
  const expected = reference.tensors[0]!.values.map((value) => expect.closeTo(value, 5) as number);
  expect(ours.tensors[0]?.values).toEqual(expected);
});
