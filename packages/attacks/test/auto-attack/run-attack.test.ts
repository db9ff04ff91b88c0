import { type Classifier, type Images, type Logits, random, type TrackingAttack } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import type { AttackState } from "../../src/engine/iterative";
import { tracking } from "../../src/engine/tracking";
import { runAttack } from "../../src/auto-attack/run-attack";

type Counting = { readonly images: Images; readonly count: tf.Tensor1D; readonly brokenAt: tf.Tensor1D };

/** Breaks the image of value v after v iterations, and asks the classifier at each of them. */
function counting(iterations: number): TrackingAttack<AttackState<Counting>> {
  return tracking<Counting>({
    iterations,
    start: ({ x }) => ({
      images: tf.clone(x),
      count: tf.zeros([x.shape[0]]),
      brokenAt: tf.reshape(tf.mean(x, [1, 2, 3]), [-1]),
    }),
    iterate: ({ classifier }, { images, count, brokenAt }) => {
      classifier(images);
      return { images, count: tf.add(count, 1), brokenAt };
    },
    broken: ({ count, brokenAt }) => tf.cast(tf.greaterEqual(count, brokenAt), "int32") as tf.Tensor1D,
    result: (_problem, { images, brokenAt }) => ({
      images: tf.clone(images),
      broken: tf.zeros(brokenAt.shape, "int32"),
      iteration: tf.cast(brokenAt, "int32"),
      objective: tf.clone(brokenAt),
    }),
  });
}

const values = [3, 50, 1, 7, 50, 2, 9, 50, 4];

async function breaksWith(block: number): Promise<{ found: number[][]; sizes: number[] }> {
  const sizes: number[] = [];
  const classifier: Classifier = (x) => {
    if (sizes.at(-1) !== x.shape[0]) sizes.push(x.shape[0]);
    return tf.zeros([x.shape[0], 2]) as Logits;
  };
  const images = tf.mul<Images>(tf.reshape(tf.tensor1d(values), [-1, 1, 1, 1]), tf.ones([1, 2, 2, 1]));
  const labels = tf.zeros<tf.Rank.R1>([values.length], "int32");
  const draws = random(1).forRows(Int32Array.from(values.keys()));
  const before = tf.memory().numTensors;
  const findings = await runAttack({
    attack: counting(20) as unknown as TrackingAttack<unknown>,
    classifier,
    images,
    labels,
    random: draws,
    block,
    signal: undefined,
  });
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([images, labels]);
  return {
    found: [...findings].map(([row, { iteration, image }]) => [row, iteration, image[0] as number]).sort(),
    sizes,
  };
}

describe("runAttack drops from the batch what is broken", () => {
  const expected = values.flatMap((value, row) => (value < 20 ? [[row, value, value]] : []));

  test.each([1, 4, 20, 100])("with the image and iteration at which it was, in blocks of %i", async (block) => {
    expect((await breaksWith(block)).found).toEqual(expected);
  });

  test("and the batch shrinks by powers of two", async () => {
    expect((await breaksWith(1)).sizes).toEqual([9, 8, 4]);
    expect((await breaksWith(5)).sizes).toEqual([9, 8, 4]);
  });
});

test("runAttack ends at an abort, and leaves nothing", async () => {
  const controller = new AbortController();
  const bright = tf.fill<tf.Rank.R4>([2, 1, 1, 1], 50);
  const labels = tf.zeros<tf.Rank.R1>([2], "int32");
  const before = tf.memory().numTensors;
  const running = runAttack({
    attack: counting(20) as unknown as TrackingAttack<unknown>,
    classifier: (x) => {
      controller.abort(new Error("enough"));
      return tf.zeros([x.shape[0], 2]);
    },
    images: bright,
    labels,
    random: random(1).forRows(Int32Array.of(0, 1)),
    block: 1,
    signal: controller.signal,
  });
  await expect(running).rejects.toThrow("enough");
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([bright, labels]);
});
