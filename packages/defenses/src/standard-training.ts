import { crossEntropy, type Defense } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** Training on the images as they are: no inner maximization, the cross-entropy as the outer loss. */
export function standardTraining(): Defense {
  return {
    attack: (_network, batch) => tf.clone(batch.images),
    loss: (network, batch, images, mode) => tf.tidy(() => crossEntropy(network.forward(images, mode), batch.labels)),
  };
}
