import type { Random } from "@awp/core";
import type { ImageShape, Pixels } from "../dataset/dataset";

/**
 * A function that returns a changed copy of one image, `[height, width, channels]`, of the same kind and shape.
 *
 * `random` is the example's own: it depends on the example's index and the epoch, not on the batch.
 */
export type Augmentation = (image: Pixels, shape: ImageShape, random: Random) => Pixels;

/**
 * The augmentations one after another, each with randomness of its own.
 *
 * @example
 * const augment = compose(padCrop({ padding: 4 }), flip());
 */
export function compose(...augmentations: readonly Augmentation[]): Augmentation {
  return (image, shape, random) =>
    augmentations.reduce((changed, augment, place) => augment(changed, shape, random.fold(place)), image);
}
