import * as tf from "@tensorflow/tfjs-core";
import { perValueInside, type PoolingAttributes, poolingAxes, type PoolingAxis } from "../backend/pooling-gradients";

type Configuration = Omit<tf.GradConfig, "kernelName">;

/** The slope of `AvgPoolGrad`, which shares each dy out over its whole window, in dy: the sum over that window, by its size. */
export const averagePoolSecondGradient: Configuration = {
  inputsToSave: ["input"],
  gradFunc: (slopes, [input], attributes) => ({
    dy: () => {
      const pooled = tf.engine().runKernel("AvgPool", { x: slopes as tf.Tensor }, attributes) as tf.Tensor;
      // TensorFlow's own kernel shares dy out over the values inside the image alone.
      if (tf.getBackend() === "tensorflow") return pooled;
      const axes = poolingAxes((input as tf.Tensor).shape, attributes as unknown as PoolingAttributes);
      return tf.div(pooled, perValueInside(tf.onesLike(pooled), axes));
    },
    input: () => tf.zerosLike(input as tf.Tensor),
  }),
};

/** The slope of `MaxPoolGrad`, which gives each dy to the first largest value of its window, in dy: what lies there. */
export const maxPoolSecondGradient: Configuration = {
  inputsToSave: ["input", "output"],
  gradFunc: (slopes, saved, attributes) => {
    const [input, output] = saved as [tf.Tensor4D, tf.Tensor4D];
    return {
      dy: () => {
        const axes = poolingAxes(input.shape, attributes as unknown as PoolingAttributes);
        return atMaximum(slopes as tf.Tensor4D, input, output, axes as [PoolingAxis, PoolingAxis]);
      },
      input: () => tf.zerosLike(input),
      output: () => tf.zerosLike(output),
    };
  },
};

/** The values that lie where each window of `x` first has its maximum `y`. */
function atMaximum(values: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, axes: [PoolingAxis, PoolingAxis]): tf.Tensor {
  const [down, across] = axes;
  const margins = (axis: PoolingAxis): [number, number] => [axis.before, Math.max(0, axis.after)];
  const padded = (tensor: tf.Tensor4D, by: number) =>
    tf.pad(tensor, [[0, 0], margins(down), margins(across), [0, 0]], by);
  const [inside, outside] = [padded(values, 0), padded(x, Number.NEGATIVE_INFINITY)];
  const span = ({ outputs, stride }: PoolingAxis): number => (outputs - 1) * stride + 1;
  const [batch, , , channels] = x.shape;

  let sum: tf.Tensor = tf.zerosLike(y);
  let found: tf.Tensor = tf.zerosLike(y);
  for (let row = 0; row < down.window; row++) {
    for (let column = 0; column < across.window; column++) {
      const end = [batch, row + span(down), column + span(across), channels];
      const steps = [1, down.stride, across.stride, 1];
      const taken = (from: tf.Tensor): tf.Tensor => tf.stridedSlice(from, [0, row, column, 0], end, steps);
      const first = tf.mul(tf.cast(tf.equal(taken(outside), y), "float32"), tf.sub(1, found));
      sum = tf.add(sum, tf.mul(first, taken(inside)));
      found = tf.add(found, first);
    }
  }
  return sum;
}
