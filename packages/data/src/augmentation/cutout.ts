import { hostUniform } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import type { Augmentation } from "./augmentation";
import { copied } from "./blank";

export interface CutoutOptions {
  /** The side of the square in pixels. */
  readonly size: number;
}

/**
 * An augmentation that blackens a square at a random place, wholly inside the image as in the code that AWP's was built
 * on; the paper lets it hang over the border.
 *
 * @example
 * const augment = compose(padCrop({ padding: 4 }), flip(), cutout({ size: 14 }));
 * @see DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout", arXiv:1708.04552
 * @throws ArgumentError where the size is not a positive integer, or (when applied) exceeds the image
 */
export function cutout({ size }: CutoutOptions): Augmentation {
  requireCount("size", size);
  return (image, [height, width, channels], random) => {
    const fits = size <= Math.min(height, width);
    requireArgument(fits, "size", size, `at most the image's ${height} by ${width} pixels`);
    const [down = 0, right = 0] = hostUniform(random, 2);
    const top = Math.floor(down * (height + 1 - size));
    const left = Math.floor(right * (width + 1 - size));
    const cut = copied(image);
    for (let row = top; row < top + size; row++) {
      cut.fill(0, (row * width + left) * channels, (row * width + left + size) * channels);
    }
    return cut;
  };
}
