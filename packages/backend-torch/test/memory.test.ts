import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch, torch } from "./torch";

onTorch();

/** Native tensors and bytes that a computation leaves behind. */
function leftBy(compute: () => void): { tensors: number; bytes: number } {
  const before = torch().stats();
  compute();
  const after = torch().stats();
  return { tensors: after.tensors - before.tensors, bytes: after.bytes - before.bytes };
}

const nothing = { tensors: 0, bytes: 0 };

test("a disposed tensor's memory is freed at once", () => {
  const x = tf.zeros([1000]);
  expect(tf.memory()).toMatchObject({ unreliable: false });
  expect(leftBy(() => x.dispose())).toEqual({ tensors: -1, bytes: -4000 });
});

test("reshapes and clones share their data", () => {
  const x = tf.zeros([10, 10]);
  expect(leftBy(() => void [tf.reshape(x, [100]), tf.clone(x), tf.expandDims(x, 0)])).toEqual(nothing);
  x.dispose();
  expect(tf.engine().state.numDataBuffers).toBeGreaterThan(0);
});

test("a slice keeps no more alive than itself", () => {
  const x = tf.zeros([1000, 10]);
  const row = tf.slice(x, [5, 0], [1, 10]);
  expect(leftBy(() => x.dispose())).toEqual({ tensors: -1, bytes: -40_000 });
  expect(row.shape).toEqual([1, 10]);
});

test("a packed filter goes with its data", () => {
  const x = tf.ones([1, 8, 8, 4]) as tf.Tensor4D;
  expect(
    leftBy(() => {
      const filter = tf.ones([3, 3, 4, 4]) as tf.Tensor4D;
      tf.conv2d(x, filter, 1, "same").dispose();
      expect(torch().stats().bytes).toBeGreaterThan(0);
      filter.dispose();
    }),
  ).toEqual(nothing);
});

test("a training step leaves nothing behind, fallbacks and errors included", () => {
  const images = tf.randomUniform([2, 8, 8, 3]) as tf.Tensor4D;
  const step = () =>
    tf.tidy(() => {
      const filter = tf.randomUniform([3, 3, 3, 4]) as tf.Tensor4D;
      const [scale, offset] = [tf.ones([4]) as tf.Tensor1D, tf.zeros([4]) as tf.Tensor1D];
      const loss = (w: tf.Tensor, s: tf.Tensor, o: tf.Tensor) => {
        const hidden = tf.conv2d(images, w as tf.Tensor4D, 1, "same");
        const { output } = batchNormTraining(hidden, s as tf.Tensor1D, o as tf.Tensor1D, 1e-5);
        return tf.mean(tf.square(tf.relu(output))) as tf.Scalar;
      };
      tf.valueAndGrads(loss)([filter, scale, offset]);
      tf.image.resizeBilinear(images, [4, 4]);
      tf.fft(tf.complex([1, 2], [3, 4]));
      expect(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))).toThrow();
      expect(() => torch().run("Concat", [tf.ones([2]), tf.ones([2, 2])], [0])).toThrow("Concat: ");
    });
  step();
  expect(leftBy(step)).toEqual(nothing);
});

test("data moves from another backend and back", async () => {
  await tf.setBackend("cpu");
  const x = tf.tensor([1, 2, 3]);
  await tf.setBackend("torch");
  expect(tf.add(x, 1).dataSync()).toEqual(new Float32Array([2, 3, 4]));
  const y = tf.add(x, 2);
  await tf.setBackend("cpu");
  expect(tf.add(y, x).dataSync()).toEqual(new Float32Array([4, 6, 8]));
  await tf.setBackend("torch");
  expect(tf.mul(y, x).dataSync()).toEqual(new Float32Array([3, 8, 15]));
});
