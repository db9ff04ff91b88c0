import * as tf from "@tensorflow/tfjs-core";

/** What stands between two layers: `"relu"`, max(x, 0); or `"silu"`, x·sigmoid(x), which is also called swish. */
export type Activation = "relu" | "silu";

/** The function of that name; a new tensor. */
export function activationNamed(name: Activation): (x: tf.Tensor4D) => tf.Tensor4D {
  const activation = name === "relu" ? tf.relu<tf.Tensor4D> : silu;
  return (x) => activation(x); // a layer's mode is none of their arguments
}

/** x·σ(x) (arXiv:1702.03118). Keeps x alone for the backward pass, where `tf.mul` and `tf.sigmoid` would keep σ(x) too. */
const silu = tf.customGrad((x, save) => {
  (save as tf.GradSaveFunc)([x as tf.Tensor]);
  return {
    value: tf.mul(x as tf.Tensor, tf.sigmoid(x as tf.Tensor)),
    gradFunc: (dy, [x]) => {
      const gate = tf.sigmoid(x as tf.Tensor);
      return tf.mul(dy, tf.mul(gate, tf.add(tf.mul(x as tf.Tensor, tf.sub(1, gate)), 1)));
    },
  };
}) as (x: tf.Tensor4D) => tf.Tensor4D;
