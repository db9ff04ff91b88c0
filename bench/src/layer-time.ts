import { random, uniform } from "@awp/core";
import { vectorJacobian } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** A layer of an image network, with the shape of its filter if it has one. */
interface Layer {
  readonly title: string;
  readonly filter?: readonly number[];
  readonly apply: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor;
}

const shape: [number, number, number, number] = [8, 28, 28, 128];
const [, height, width, channels] = shape;
const twice: [number, number] = [2 * height, 2 * width];

const layers: readonly Layer[] = [
  { title: "convolution 3×3", filter: [3, 3, channels, channels], apply: (x, f) => tf.conv2d(x, f, 1, "same") },
  {
    title: "convolution 3×3, stride 2",
    filter: [3, 3, channels, channels],
    apply: (x, f) => tf.conv2d(x, f, 2, "same"),
  },
  { title: "convolution 1×1", filter: [1, 1, channels, channels], apply: (x, f) => tf.conv2d(x, f, 1, "same") },
  { title: "depthwise 3×3", filter: [3, 3, channels, 1], apply: (x, f) => tf.depthwiseConv2d(x, f, 1, "same") },
  {
    title: "depthwise 3×3, stride 2",
    filter: [3, 3, channels, 1],
    apply: (x, f) => tf.depthwiseConv2d(x, f, 2, "same"),
  },
  { title: "average 3×3, stride 1", apply: (x) => tf.avgPool(x, 3, 1, "same") },
  { title: "average 2×2, stride 2", apply: (x) => tf.avgPool(x, 2, 2, "valid") },
  { title: "maximum 3×3, stride 2", apply: (x) => tf.maxPool(x, 3, 2, "same") },
  { title: "maximum 2×2, stride 2", apply: (x) => tf.maxPool(x, 2, 2, "valid") },
  { title: "bilinear, twice as large", apply: (x) => tf.image.resizeBilinear(x, twice) },
  { title: "bilinear, half pixel centres", apply: (x) => tf.image.resizeBilinear(x, twice, false, true) },
  { title: "nearest, twice as large", apply: (x) => tf.image.resizeNearestNeighbor(x, twice) },
];

/** What a layer costs: milliseconds forward, and its gradients as multiples of that. */
export interface LayerTime {
  readonly title: string;
  readonly forward: number;
  readonly inputGradient: number;
  readonly filterGradient?: number;
}

/** The layers of image networks on 8 maps of 28×28 with 128 channels, on the current backend. */
export async function* timeLayers(repeats: number): AsyncGenerator<LayerTime> {
  const x = uniform(random(0), shape, -1, 1) as tf.Tensor4D;
  for (const { title, filter: filterShape, apply } of layers) {
    const filter = uniform(random(1), [...(filterShape ?? [1, 1, 1, 1])], -1, 1) as tf.Tensor4D;
    const forward = await time(repeats, () => apply(x, filter));
    const gradient = (f: (at: tf.Tensor4D) => tf.Tensor, at: tf.Tensor4D): Promise<number> =>
      timeGradient(repeats, f, at);
    const inputGradient = (await gradient((at) => apply(at, filter), x)) / forward;
    yield filterShape === undefined
      ? { title, forward, inputGradient }
      : { title, forward, inputGradient, filterGradient: (await gradient((at) => apply(x, at), filter)) / forward };
    filter.dispose();
  }
  x.dispose();
}

async function timeGradient(repeats: number, f: (at: tf.Tensor4D) => tf.Tensor, at: tf.Tensor4D): Promise<number> {
  const { value, gradient, dispose } = vectorJacobian(f, at);
  const weights = uniform(random(2), value.shape, -1, 1);
  const milliseconds = await time(repeats, () => gradient(weights));
  tf.dispose([value, weights]);
  dispose();
  return milliseconds;
}

/** Milliseconds of the fastest run, to which other programs on the machine add nothing. */
async function time(repeats: number, run: () => tf.Tensor): Promise<number> {
  const synchronous = ["wasm", "cpu"].includes(tf.getBackend());
  const times: number[] = [];
  for (let repeat = -2; repeat < repeats; repeat++) {
    const started = performance.now();
    const result = run();
    if (!synchronous) await tf.slice(tf.reshape(result, [-1]), 0, 1).data();
    if (repeat >= 0) times.push(performance.now() - started);
    result.dispose();
  }
  return Math.min(...times);
}
