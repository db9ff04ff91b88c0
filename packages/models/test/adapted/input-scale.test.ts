import { type Classifier, type Images, type Network, random, uniform, valueAndGradient } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { channelsReversed, preprocessed, rescaled, resized } from "../../src";

/** Answers with its input's first pixels. */
const pixels: Classifier = (x) => tf.reshape(x, [x.shape[0], -1]);
const pixel = (...values: number[]): Images => tf.tensor4d(values, [1, 1, 1, values.length]);

async function expectPixels(found: tf.Tensor, wanted: readonly number[], digits = 4): Promise<void> {
  const values = Array.from(await found.data());
  expect(values.length).toBe(wanted.length);
  for (const [index, value] of values.entries()) expect(value).toBeCloseTo(wanted[index] as number, digits);
}

describe("images in [0, 1] arrive", () => {
  it("in another range", async () => {
    await expectPixels(rescaled(pixels, { low: -1, high: 1 })(pixel(0, 0.5, 1)), [-1, 0, 1]);
    await expectPixels(rescaled(pixels, { low: 0, high: 255 })(pixel(0, 0.2, 1)), [0, 51, 255]);
  });

  it("as BGR", () => expectPixels(channelsReversed(pixels)(pixel(0.1, 0.2, 0.3)), [0.3, 0.2, 0.1]));

  it("composed: the outer one first", () =>
    expectPixels(rescaled(channelsReversed(pixels), { low: 0, high: 10 })(pixel(0.1, 0.2, 0.3)), [3, 2, 1]));

  // Of the bytes 51, 102, 255: what Keras's three rules give by hand.
  it.each([
    ["tf", [-0.6, -0.2, 1]],
    ["caffe", [151.061, -14.779, -72.68]],
    ["torch", [-1.2445, -0.25, 2.64]],
  ] as const)("as Keras preprocesses them in mode %s", (mode, wanted) =>
    expectPixels(preprocessed(pixels, mode)(pixel(0.2, 0.4, 1)), wanted, 3),
  );

  it.each([
    [4, 6],
    [9, 5],
    [3, 2],
  ])("resized to %i by %i, as TensorFlow does it", async (height, width) => {
    const x = uniform(random(1), [2, 3, 5, 2]) as Images;
    const wanted = tf.image.resizeBilinear(x, [height, width], false, true);
    await expectPixels(resized(pixels, { height, width })(x), Array.from(await wanted.data()), 5);
  });

  it("in a network too, in every mode", () => {
    const network: Network = { parameters: new Map(), buffers: new Map(), forward: pixels };
    const adapted = channelsReversed(network);
    expect(adapted.parameters).toBe(network.parameters);
    expect(Array.from(adapted.forward(pixel(0.25, 0.5), "train").arraySync().flat())).toEqual([0.5, 0.25]);
  });
});

it("the gradient of resizing is that of finite differences", async () => {
  const classifier = resized(pixels, { height: 5, width: 2 });
  const weights = uniform(random(2), [1, 10]);
  const f = (x: Images) => tf.sum(tf.mul(classifier(x), weights), 1);
  const x = uniform(random(1), [1, 3, 4, 1]) as Images;
  const { gradient } = valueAndGradient(f, x);
  const direction = uniform(random(3), x.shape, -1, 1);
  const at = (step: number) => f(tf.add(x, tf.mul(direction, step)) as Images).dataSync()[0] as number;
  const [slope = 0] = await tf.sum(tf.mul(gradient, direction)).data();
  expect(slope).toBeCloseTo(at(0.5) - at(-0.5), 4); // resizing is linear
});

it("scales leave nothing behind but the answer", () => {
  const x = uniform(random(1), [1, 3, 4, 3]) as Images;
  expect(() => preprocessed(resized(pixels, { height: 5, width: 2 }), "caffe")(x)).toAllocate(1);
});

it("scales that cannot be are refused", () => {
  expect(() => rescaled(pixels, { low: 1, high: 1 })).toThrow("high: got 1, want a finite number above low, 1");
  expect(() => resized(pixels, { height: 0, width: 2 })).toThrow("height: got 0, want a positive integer");
  expect(() => preprocessed(pixels, "keras" as "tf")).toThrow('scale: got "keras", want one of "tf", "caffe", "torch"');
  expect(() => preprocessed(pixels, "caffe")(pixel(1))).toThrow("x: got [1, 1, 1, 1], want RGB images");
});
