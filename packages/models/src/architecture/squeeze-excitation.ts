import * as tf from "@tensorflow/tfjs-core";
import { convolution } from "./convolution";
import type { Initializer } from "./initializer";
import type { DeclaredLayer } from "./layer";

/**
 * Squeeze-and-excitation (arXiv:1709.01507): each channel of an image is scaled by a number in (0, 1) that two layers, the
 * first of a quarter of the channels and with a ReLU behind it, make of the means of all channels.
 */
export function squeezeExcitation(initializer: Initializer): DeclaredLayer {
  return (store, name, channels) => {
    const squeezed = Math.round(channels / 4);
    const shared = { size: 1, bias: true, initializer } as const;
    const squeeze = convolution(store, `${name}.fc1`, { inputs: channels, outputs: squeezed, ...shared });
    const excite = convolution(store, `${name}.fc2`, { inputs: squeezed, outputs: channels, ...shared });
    return (x) =>
      tf.tidy(() => {
        const means: tf.Tensor4D = tf.mean(x, [1, 2], true);
        return tf.mul(x, tf.sigmoid(excite(tf.relu(squeeze(means)))));
      });
  };
}
