import { type Augmentation, compose, cutout, flip, padCrop, rotation } from "@awp/data";
import type { RecipeAugmentation } from "./recipe";

/** The recipe's changes of an image, one after the other; undefined where there are none. */
export function augmentationOf(changes: readonly RecipeAugmentation[]): Augmentation | undefined {
  return changes.length === 0 ? undefined : compose(...changes.map(augmentation));
}

function augmentation(change: RecipeAugmentation): Augmentation {
  switch (change.kind) {
    case "pad-crop":
      return padCrop(change);
    case "flip":
      return flip();
    case "rotation":
      return rotation(change);
    case "cutout":
      return cutout(change);
  }
}
