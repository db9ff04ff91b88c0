import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { fromTorchLayout, toTorchLayout } from "../../src/authoring";

const counted = (...shape: number[]): tf.Tensor => tf.reshape(tf.range(0, tf.util.sizeFromShape(shape)), shape);

describe("PyTorch's layout", () => {
  test("takes a convolution from [height, width, in, out] to [out, in, height, width]", () => {
    const kernel = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 3, 1, 2]); // kernel[0, w, 0, o] = 1 + 2w + o
    const torch = toTorchLayout(kernel);
    expect(torch.shape).toEqual([2, 1, 1, 3]);
    expect(Array.from(torch.dataSync())).toEqual([1, 3, 5, 2, 4, 6]);
  });

  test("takes a linear weight from [in, out] to [out, in]", () => {
    const torch = toTorchLayout(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]));
    expect(torch.arraySync()).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  test.each([[[2, 3, 4, 5]], [[3, 4]], [[7]], [[]]])("gives %j again there and back, as new tensors", (shape) => {
    const tensor = counted(...shape);
    const back = fromTorchLayout(toTorchLayout(tensor));
    expect(back.shape).toEqual(shape);
    expect(back.dataSync()).toEqual(tensor.dataSync());
    expect(() => toTorchLayout(tensor)).toAllocate(1);
    expect(() => fromTorchLayout(tensor)).toAllocate(1);
    expect(tensor.isDisposed).toBe(false);
  });
});
