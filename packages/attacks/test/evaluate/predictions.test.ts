import { type Batch, type Classifier, drain, type Images } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { predictions } from "../../src/index";

/** Logits that are the first three channels of an image of one pixel. */
const classifier: Classifier = (x) => tf.reshape(x, [-1, 3]) as tf.Tensor2D;

function batchOf(rows: readonly (readonly [number, number, number])[], first: number): Batch {
  return {
    images: tf.tensor4d(rows.flat(), [rows.length, 1, 1, 3]),
    labels: tf.fill<tf.Rank.R1>([rows.length], -1, "int32"),
    indices: Int32Array.from(rows, (_, row) => first + row),
  };
}

const given = (): Batch[] => [
  batchOf(
    [
      [0, Math.log(2), 0],
      [3, 3, 3],
    ],
    7,
  ),
  batchOf([[0, Number.NaN, 1]], 20),
];

describe("predictions", () => {
  it("are the likeliest class and its softmax by index, and no class for an answer that is not a number", async () => {
    const { indices, classes, confidences } = await drain(predictions({ classifier, batches: given() }));
    expect([...indices]).toEqual([7, 8, 20]);
    expect([...classes]).toEqual([1, 0, -1]);
    expect([...confidences].map((each) => each.toFixed(6))).toEqual(["0.500000", "0.333333", "0.000000"]);
  });

  it("tell how far they are, and free the batches", async () => {
    const told: number[] = [];
    await expect(async () => {
      for await (const { examples } of predictions({ classifier, batches: given() })) told.push(examples);
    }).toAllocateAsync(0);
    expect(told).toEqual([2, 3]);
  });

  it("stop at a signal, and at indices that do not fit, and free the batch", async () => {
    const stop = new AbortController();
    const stopping: Classifier = (x: Images) => {
      stop.abort(new Error("enough"));
      return classifier(x);
    };
    const [batch, rest] = given() as [Batch, Batch];
    const stopped = drain(predictions({ classifier: stopping, batches: [batch, rest], signal: stop.signal }));
    await expect(stopped).rejects.toThrow("enough");
    expect([batch.images.isDisposed, rest.images.isDisposed]).toEqual([true, true]);
    const wrong = { ...(given()[0] as Batch), indices: Int32Array.of(1) };
    await expect(drain(predictions({ classifier, batches: [wrong] }))).rejects.toThrow("batch.indices: got 1, want 2");
    expect(wrong.images.isDisposed).toBe(true);
  });
});
