import { crossEntropy, type Defense } from "@awp/core";
import { requireFraction } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

export interface StandardTrainingOptions {
  /** The label smoothing of the loss. @default 0 */
  readonly labelSmoothing?: number;
}

/**
 * Training on the images as they are: no inner maximization, the cross-entropy as the outer loss.
 *
 * @example
 * const defense = standardTraining({ labelSmoothing: 0.1 });
 * @throws ArgumentError for a `labelSmoothing` outside [0, 1].
 */
export function standardTraining({ labelSmoothing = 0 }: StandardTrainingOptions = {}): Defense {
  requireFraction("labelSmoothing", labelSmoothing);
  return {
    attack: (_network, batch) => tf.clone(batch.images),
    loss: (network, batch, images, mode) =>
      tf.tidy(() => crossEntropy(network.forward(images, mode), batch.labels, { smoothing: labelSmoothing })),
  };
}
