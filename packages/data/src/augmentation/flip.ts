import { hostUniform } from "@awp/core";
import type { Augmentation } from "./augmentation";

/** An augmentation that mirrors left and right with probability 1/2. */
export function flip(): Augmentation {
  return (image, [height, width, channels], random) => {
    const [choice = 0] = hostUniform(random, 1);
    if (choice < 0.5) return image.slice();
    const mirrored = image.slice();
    for (let pixel = 0; pixel < height * width; pixel++) {
      const column = pixel % width;
      const from = (pixel - column + (width - 1 - column)) * channels;
      for (let channel = 0; channel < channels; channel++) {
        mirrored[pixel * channels + channel] = image[from + channel] as number;
      }
    }
    return mirrored;
  };
}
