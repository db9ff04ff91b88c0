import { hostUniform } from "@awp/core";
import type { Augmentation } from "./augmentation";
import { blank, copied } from "./blank";

/**
 * An augmentation that mirrors left and right with probability 1/2.
 *
 * @example
 * const augmented = batches(trainSet, { batchSize: 128, random: random(0), augment: flip() });
 */
export function flip(): Augmentation {
  return (image, [, width, channels], random) => {
    const [choice = 0] = hostUniform(random, 1);
    if (choice < 0.5) return copied(image);
    const mirrored = blank(image);
    const rowSize = width * channels;
    // A channel at a time: an innermost loop over the channels would cost more than what it moves.
    for (let channel = 0; channel < channels; channel++) {
      for (let row = channel; row < image.length; row += rowSize) {
        let from = row + rowSize - channels;
        for (let to = row; to < row + rowSize; to += channels) {
          mirrored[to] = image[from] as number;
          from -= channels;
        }
      }
    }
    return mirrored;
  };
}
