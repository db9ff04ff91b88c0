import { normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { uniformByFanIn as initializer } from "../../src/architecture/initializer";
import { type ParameterStore, parameterStore } from "../../src/architecture/parameter-store";
import { basicBlock, bottleneckBlock, numberedNames } from "../../src/architecture/residual-block";

let store: ParameterStore;

beforeEach(() => {
  store = parameterStore(random(7));
});

afterEach(() => tf.dispose([...store.parameters.values(), ...store.buffers.values()]));

const x = () => normal(random(8), [2, 6, 6, 8]) as tf.Tensor4D;
const shared = { momentum: 0.1, initializer, names: numberedNames("shortcut.0") };

/** Silences the last convolution, so that only the shortcut is left. */
function silence(name: string): void {
  const filter = store.parameters.get(name) as tf.Variable;
  filter.assign(tf.zerosLike(filter));
}

const largestDifference = async (a: tf.Tensor, b: tf.Tensor) => (await tf.max(tf.abs(tf.sub(a, b))).data())[0];

it.each([
  [basicBlock, "block.conv2.weight"],
  [bottleneckBlock, "block.conv3.weight"],
] as const)("an identity shortcut takes x itself (%o)", async (block, last) => {
  const layer = block(store, "block", { inputs: 8, outputs: 8, stride: 1, ...shared });
  silence(last);
  const images = x();
  expect(await largestDifference(layer(images, "eval"), images)).toBe(0);
  expect(store.parameters.has("block.shortcut.0.weight")).toBe(false);
});

it.each([
  [basicBlock, "block.conv2.weight"],
  [bottleneckBlock, "block.conv3.weight"],
] as const)("a convolution as shortcut takes relu(bn1(x)) (%o)", async (block, last) => {
  const layer = block(store, "block", { inputs: 8, outputs: 16, stride: 2, ...shared });
  silence(last);
  const images = x();
  const filter = store.parameters.get("block.shortcut.0.weight") as tf.Variable<tf.Rank.R4>;
  const normalized: tf.Tensor4D = tf.div(images, Math.sqrt(1 + 1e-5));
  const expected = tf.conv2d(tf.relu(normalized), filter, 2, "valid");
  expect(await largestDifference(layer(images, "eval"), expected)).toBeLessThan(1e-5);
});
