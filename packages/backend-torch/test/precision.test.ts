import { normal, random, valueAndGradient } from "@awp/core";
import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, test } from "vitest";
import { type Precision, setPrecision } from "../src";
import { onTorch, torch } from "./torch";

onTorch();
afterEach(() => setPrecision({}));

const image = (seed: number, channels: number) => normal(random(seed), [2, 6, 6, channels]) as tf.Tensor4D;
const filter = (seed: number, ...[inputs, outputs]: [number, number]) =>
  normal(random(seed), [3, 3, inputs, outputs], 0, 0.2) as tf.Tensor4D;

/** A convolution, batch norm, ReLU, a sum over a shortcut, a convolution and a product: the output and two gradients. */
function pass(): tf.Tensor[] {
  const [x, first, second] = [image(1, 3), filter(2, 3, 8), filter(3, 8, 8)];
  const classify = normal(random(4), [8, 5], 0, 0.3) as tf.Tensor2D;
  const forward = (input: tf.Tensor4D, kernel: tf.Tensor4D): tf.Tensor => {
    const maps = tf.conv2d(input, kernel, 1, "same");
    const { output } = batchNormTraining(maps, tf.ones([8]), tf.zeros([8]), 1e-5);
    const sum = tf.add(tf.conv2d(tf.relu(output), second, 1, "same"), maps);
    return tf.matMul(tf.mean(sum, [1, 2]) as tf.Tensor2D, classify);
  };
  const loss = (logits: tf.Tensor) => tf.sum(tf.square(logits));
  return [
    forward(x, first),
    valueAndGradient((input) => loss(forward(input, first)), x).gradient,
    valueAndGradient((kernel) => loss(forward(x, kernel)), first).gradient,
  ];
}

function passWith(precision: Precision): number[][] {
  return tf.tidy(() => {
    setPrecision(precision);
    return pass().map((tensor) => {
      expect(tensor.dtype).toBe("float32");
      const values = tensor.dataSync();
      expect(values).toBeInstanceOf(Float32Array);
      return Array.from(values) as unknown as tf.Tensor;
    });
  }) as unknown as number[][];
}

/** The difference in the Euclidean norm, relative. */
function distance(a: number[], b: number[]): number {
  return Math.hypot(...a.map((value, i) => value - b[i]!)) / Math.hypot(...b);
}

test("in bfloat16 (8 bits of mantissa) a pass and its gradients are within 2 %, and not the same", () => {
  const [exact, rounded] = [passWith({}), passWith({ storage: "bfloat16" })];
  for (const [i, values] of rounded.entries()) {
    expect(distance(values, exact[i]!)).toBeLessThan(0.02);
    expect(distance(values, exact[i]!)).toBeGreaterThan(1e-5);
  }
  expect(passWith({})).toEqual(exact);
});

test("a convolution takes its factors rounded to bfloat16", () => {
  // The rounding of IEEE 754 to the upper half of a float32.
  const rounded = (t: tf.Tensor) => {
    const words = new Uint32Array(Float32Array.from(t.dataSync()).buffer);
    const upper = words.map((word) => ((word + 0x7fff + ((word >>> 16) & 1)) >>> 16) << 16);
    return tf.tensor(new Float32Array(upper.buffer), t.shape);
  };
  const [x, kernel] = [image(1, 3), filter(2, 3, 4)];
  const expected = rounded(tf.conv2d(rounded(x) as tf.Tensor4D, rounded(kernel) as tf.Tensor4D, 1, "same"));
  setPrecision({ storage: "bfloat16" });
  const actual = tf.conv2d(x, kernel, 1, "same").dataSync();
  // The sums may be rounded in another order, by one unit in the last of the 8 places.
  for (const [i, value] of expected.dataSync().entries()) {
    expect(Math.abs(actual[i]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -7);
  }
});

test("what a convolution makes takes half the memory, weights and their gradients do not", () => {
  setPrecision({ storage: "bfloat16" });
  const [x, kernel] = [image(1, 3), filter(2, 3, 4)];
  const bytes = (make: () => tf.Tensor) => {
    const before = torch().stats().bytes;
    const tensor = make();
    const taken = torch().stats().bytes - before;
    tensor.dispose();
    return taken;
  };
  tf.conv2d(x, kernel, 1, "same").dispose(); // packs the filter
  expect(bytes(() => tf.conv2d(x, kernel, 1, "same"))).toBe(2 * 2 * 6 * 6 * 4);
  const bias = tf.ones([4]);
  expect(bytes(() => tf.fused.conv2d({ x, filter: kernel, strides: 1, pad: "same", bias }))).toBe(2 * 2 * 6 * 6 * 4);
  expect(bytes(() => valueAndGradient((k) => tf.sum(tf.conv2d(x, k, 1, "same")), kernel).gradient)).toBeGreaterThan(
    4 * kernel.size,
  );
  const [rows, dense] = [normal(random(5), [7, 6]), normal(random(6), [6, 5])] as [tf.Tensor2D, tf.Tensor2D];
  expect(bytes(() => tf.matMul(rows, dense))).toBe(2 * 7 * 5);
  expect(bytes(() => valueAndGradient((w) => tf.sum(tf.matMul(rows, w)), dense).gradient)).toBe(4 * (dense.size + 1)); // and the sum
});

test("a filter is cast once for as long as it keeps its values", () => {
  setPrecision({ storage: "bfloat16" });
  const x = image(1, 3);
  const kernel = tf.variable(filter(2, 3, 4));
  const convolved = () => tf.conv2d(x, kernel as tf.Tensor4D, 1, "same");
  const operations = () => {
    const counts = torch().operations(() => convolved().dispose());
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  };
  operations(); // packs the filter, too
  const again = operations();
  kernel.assign(tf.mul(kernel, 2));
  expect([operations(), operations()]).toEqual([again + 1, again]);
  const fresh = tf.tensor4d(kernel.dataSync(), kernel.shape as [number, number, number, number]);
  expect(convolved().dataSync()).toEqual(tf.conv2d(x, fresh, 1, "same").dataSync());
  kernel.dispose();
});

test("a storage of another name is refused", () => {
  expect(() => setPrecision({ storage: "float16" as "bfloat16" })).toThrow('storage: got "float16"');
});
