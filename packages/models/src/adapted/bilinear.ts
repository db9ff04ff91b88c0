import type { Images } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Images of another size, each pixel the mean of the four next to its centre by distance. By two products of matrices:
 * the gradient of TensorFlow.js's own resizing does not know where the centres are.
 */
export function bilinear(x: Images, height: number, width: number): Images {
  const [batch, rows, columns, channels] = x.shape;
  if (rows === height && columns === width) return x;
  return tf.tidy(() => {
    const tall = tf.matMul(weights(height, rows), tf.reshape(x, [batch, rows, columns * channels]));
    const wide = tf.matMul(weights(width, columns), tf.reshape(tall, [batch * height, columns, channels]));
    return tf.reshape(wide, [batch, height, width, channels]);
  });
}

/** What each of `to` places takes of each of `from` places: `[1, to, from]`. */
function weights(to: number, from: number): tf.Tensor3D {
  const values = new Float32Array(to * from);
  for (let place = 0; place < to; place++) {
    const centre = Math.min(Math.max(((place + 0.5) * from) / to - 0.5, 0), from - 1);
    const before = Math.floor(centre);
    const after = Math.min(before + 1, from - 1);
    const share = centre - before;
    values[place * from + before] = 1 - share;
    values[place * from + after] = (values[place * from + after] as number) + share;
  }
  return tf.tensor3d(values, [1, to, from]);
}
