import { type Attack, type Batch, type Classifier, drain, type Images, type Labels, margin, random } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { evaluate, type EvaluateEvent, type EvaluateOptions, pgd } from "../../src/index";
import { toyImages, toyLabels, toys, weights } from "../toy-problem";

const attack = pgd({ norm: "linf", epsilon: 0.05, steps: 3 });
const toOnes: Attack = (_classifier, x) => tf.onesLike(x);

describe("the figures of evaluate", () => {
  it("are those of the closed form on a linear classifier of two classes", async () => {
    const [w, x, y] = [weights(2), toyImages(40, 0.3, 0.7), toyLabels(40, 2)];
    const [first, second] = tf.unstack(w, 1);
    const rise = 0.05 * marginPerEpsilon(tf.sub(first!, second!).dataSync(), "linf");
    const margins = Array.from(margin(linearClassifier(w)(x), y).dataSync());
    const natural = margins.map((value) => Number(value < 0));
    const robust = margins.map((value) => Number(value + rise < 0));
    expect([sum(natural) < 40, sum(robust) < sum(natural), sum(robust) > 0]).toEqual([true, true, true]);

    const classifier = linearClassifier(w);
    const result = await drain(evaluate({ classifier, attack, batches: cut(x, y, 8), random: random(2) }));

    expect(result.examples).toBe(40);
    expect(result.naturalAccuracy).toBe(sum(natural) / 40);
    expect(result.robustAccuracy).toBe(sum(robust) / 40);
    expect(result.nan).toBe(0);
    const labels = y.dataSync();
    expect(result.perExample).toEqual(
      natural.map((right, i) => ({
        index: 100 + i,
        label: labels[i],
        natural: right === 1,
        robust: robust[i] === 1,
        nan: false,
      })),
    );
  });

  it("do not depend on the batch size, random starts and all", async () => {
    const evaluated = async (batchSize: number) => {
      const adversarial: number[] = [];
      const recording: Attack = (...problem) => {
        const images = attack(...problem);
        adversarial.push(...images.dataSync());
        return images;
      };
      return { result: await drain(evaluate({ ...given(batchSize), attack: recording })), adversarial };
    };
    const whole = await evaluated(13);
    for (const batchSize of [1, 3, 7]) expect(await evaluated(batchSize)).toEqual(whole);
    expect(whole.result.naturalAccuracy).toBeGreaterThan(0);
  });

  it("refuse indices that do not fit the images", async () => {
    const [batch] = cut(toyImages(3, 0.3, 0.7), toyLabels(3, 2), 3);
    const batches = [{ ...(batch as Batch), indices: Int32Array.of(0, 1) }];
    await expect(drain(evaluate({ ...given(3), batches }))).rejects.toThrow("batch.indices: got 2, want 3");
  });

  it("count an image that is wrong at first as not robust, whatever the attack makes of it", async () => {
    const classifier: Classifier = (x) =>
      tf.tidy(() => {
        const brightness = tf.min<tf.Tensor1D>(x, [1, 2, 3]);
        return tf.stack([tf.fill([x.shape[0]], 0.999), brightness, tf.zerosLike(brightness)], 1) as tf.Tensor2D;
      });
    const result = await drain(evaluate({ ...given(4), classifier, attack: toOnes }));
    // All are class 0 at first and class 1 when attacked; 5 of the 13 labels are 0, 4 are 1.
    expect(result).toMatchObject({ naturalAccuracy: 5 / 13, robustAccuracy: 0 });
  });

  it("count NaN as wrong, and how often it came", async () => {
    const classifier: Classifier = (x) =>
      tf.tidy(() => {
        const bright = tf.greaterEqual(tf.min(x, [1, 2, 3]), 1);
        return tf.where(tf.expandDims(bright, 1), Number.NaN, toys.linear!()(x));
      });
    const underAttack = await drain(evaluate({ ...given(4), classifier, attack: toOnes }));
    expect(underAttack).toMatchObject({ robustAccuracy: 0, nan: 13 });
    expect(underAttack.naturalAccuracy).toBeGreaterThan(0);

    const batches = cut(tf.ones([3, 2, 2, 3]), toyLabels(3), 2);
    const clean = await drain(evaluate({ classifier, attack, batches, random: random(2) }));
    expect(clean).toMatchObject({ naturalAccuracy: 0, robustAccuracy: 0, nan: 3 });
    expect(clean.perExample.map(({ nan }) => nan)).toEqual([true, true, true]);
  });
});

describe("the run of evaluate", () => {
  it("tells the counts after each batch", async () => {
    const events: EvaluateEvent[] = [];
    const result = await drain(evaluate(given(5)), (event) => events.push(event));
    expect(events.map(({ kind, examples }) => [kind, examples])).toEqual([
      ["batch", 5],
      ["batch", 10],
      ["batch", 13],
    ]);
    const last = events.at(-1)!;
    expect([last.natural / 13, last.robust / 13]).toEqual([result.naturalAccuracy, result.robustAccuracy]);
  });

  it("takes batches that come asynchronously", async () => {
    const { batches, ...options } = given(5);
    async function* later(): AsyncGenerator<Batch> {
      for await (const batch of batches) yield await Promise.resolve(batch);
    }
    expect(await drain(evaluate({ ...options, batches: later() }))).toEqual(await drain(evaluate(given(5))));
  });

  it("keeps nothing, and disposes the batches", async () => {
    const options = given(5);
    await expect(() => drain(evaluate(options))).toAllocateAsync(0);
  });

  it("keeps nothing when its consumer leaves", async () => {
    const options = given(5);
    await expect(async () => {
      for await (const event of evaluate(options)) if (event.examples > 5) break;
    }).toAllocateAsync(0);
  });

  it("keeps nothing when the attack throws", async () => {
    const failing: Attack = () => {
      throw new Error("out of order");
    };
    const options = { ...given(5), attack: failing };
    await expect(() => expect(drain(evaluate(options))).rejects.toThrow("out of order")).toAllocateAsync(0);
  });

  it("stops at the signal with an AbortError, and keeps nothing", async () => {
    const controller = new AbortController();
    const options = { ...given(5), signal: controller.signal };
    const events: EvaluateEvent[] = [];
    await expect(() =>
      expect(
        drain(evaluate(options), (event) => {
          events.push(event);
          if (events.length === 2) controller.abort();
        }),
      ).rejects.toMatchObject({ name: "AbortError" }),
    ).toAllocateAsync(0);
    expect(events).toHaveLength(2);

    await expect(drain(evaluate({ ...given(5), signal: AbortSignal.abort(new Error("too late")) }))).rejects.toThrow(
      "too late",
    );
  });

  it("wants at least one example", async () => {
    await expect(drain(evaluate({ ...given(5), batches: [] }))).rejects.toMatchObject({ argument: "batches" });
  });
});

/** 13 images in batches of a size, cut when asked for. */
function given(batchSize: number): EvaluateOptions {
  const batches = cut(toyImages(13), toyLabels(13), batchSize);
  return { classifier: toys.linear!(), attack, batches, random: random(2) };
}

function* cut(x: Images, y: Labels, batchSize: number): Generator<Batch> {
  const { length } = y.dataSync();
  for (let from = 0; from < length; from += batchSize) {
    const count = Math.min(batchSize, length - from);
    yield {
      images: tf.slice(x, from, count),
      labels: tf.slice(y, from, count),
      indices: Int32Array.from({ length: count }, (_, i) => 100 + from + i),
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
