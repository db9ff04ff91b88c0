import * as tf from "@tensorflow/tfjs-core";

/**
 * `log(e^x + floor)` for each entry: the logarithm of a probability that is raised by `floor`, from the probability's own
 * logarithm. A new tensor of x's shape.
 *
 * Neither e^x nor the floor itself is computed, only the floor's logarithm: nothing overflows or vanishes, in half
 * precision neither, where 1e-12 is 0 and 1.0001 is 1.
 */
export function flooredLog<T extends tf.Tensor>(x: T, floor: number): T {
  const logFloor = Math.log(floor);
  // With a gradient of its own: those of max and |x| do not add up to a half where x is the floor's logarithm.
  const raised = tf.customGrad((...args) => {
    const [logarithm, save] = args as unknown as [tf.Tensor, (tensors: tf.Tensor[]) => void];
    const above = tf.sub(logarithm, logFloor);
    save([above]);
    return {
      value: tf.add(tf.maximum(logarithm, logFloor), tf.log1p(tf.exp(tf.neg(tf.abs(above))))),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.sigmoid(saved[0] as tf.Tensor)),
    };
  });
  return tf.tidy(() => raised(x)) as T;
}
