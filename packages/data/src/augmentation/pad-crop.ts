import { hostUniform } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import type { Augmentation } from "./augmentation";
import { copied } from "./copied";

export interface PadCropOptions {
  /** Pixels added on each side. @default 4 */
  readonly padding?: number;
  /**
   * What the padding holds: black, or the image mirrored at its border pixels, which are not repeated, as NumPy's and
   * PyTorch's `reflect`. @default "zero"
   */
  readonly mode?: "zero" | "reflect";
}

/**
 * An augmentation that pads the image and crops its own size at a random place, each of the (2 · padding + 1)² equally
 * likely.
 *
 * @throws ArgumentError where the padding is not an integer of at least 0, or (when applied) too large to reflect
 */
export function padCrop({ padding = 4, mode = "zero" }: PadCropOptions = {}): Augmentation {
  requireCount("padding", padding, 0);
  requireArgument(mode === "zero" || mode === "reflect", "mode", mode, '"zero" or "reflect"');
  const reflects = mode === "reflect";
  return (image, [height, width, channels], random) => {
    const reflectable = !reflects || padding < Math.min(height, width);
    requireArgument(reflectable, "padding", padding, `less than the image's ${height} by ${width} pixels`);
    const [down = 0, right = 0] = hostUniform(random, 2).map((u) => Math.floor(u * (2 * padding + 1)) - padding);
    // The columns from `start` to `end` come from inside the image, in one piece.
    const [start, end] = [Math.max(-right, 0), Math.min(width - right, width)];
    const out = copied(image).fill(0);
    for (let row = 0; row < height; row++) {
      const source = reflects ? reflected(row + down, height) : row + down;
      if (source < 0 || source >= height) continue;
      const [from, to] = [source * width, row * width];
      const copy = (place: number, length: number, column: number): void =>
        out.set(
          image.subarray((from + place) * channels, (from + place + length) * channels),
          (to + column) * channels,
        );
      if (start < end) copy(start + right, end - start, start);
      for (let column = 0; reflects && column < width; column++) {
        if (column < start || column >= end) copy(reflected(column + right, width), 1, column);
      }
    }
    return out;
  };
}

/** A place of an axis, mirrored at the first and the last where it lies beyond. */
function reflected(place: number, length: number): number {
  const last = length - 1;
  return last - Math.abs(last - Math.abs(place));
}
