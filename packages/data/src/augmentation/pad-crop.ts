import { hostUniform } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import type { Augmentation } from "./augmentation";
import { blank } from "./blank";
import type { ImageShape, Pixels } from "../dataset/dataset";

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
 * @example
 * const augment = compose(padCrop({ padding: 4 }), flip()); // what CIFAR-10 is trained with
 * @throws ArgumentError where the padding is not an integer of at least 0, or (when applied) too large to reflect
 */
export function padCrop({ padding = 4, mode = "zero" }: PadCropOptions = {}): Augmentation {
  requireCount("padding", padding, 0);
  requireArgument(mode === "zero" || mode === "reflect", "mode", mode, '"zero" or "reflect"');
  return (image, shape, random) => {
    const [height, width] = shape;
    const reflectable = mode === "zero" || padding < Math.min(height, width);
    requireArgument(reflectable, "padding", padding, `less than the image's ${height} by ${width} pixels`);
    const [down = 0, right = 0] = hostUniform(random, 2).map((u) => Math.floor(u * (2 * padding + 1)) - padding);
    return shifted(image, shape, { down, right, reflects: mode === "reflect" });
  };
}

interface Shift {
  readonly down: number;
  readonly right: number;
  readonly reflects: boolean;
}

/** The image whose pixel at a place is the one so far down and right of it; outside it is black or reflected. */
function shifted(image: Pixels, [height, width, channels]: ImageShape, { down, right, reflects }: Shift): Pixels {
  const out = blank(image);
  // The columns from `start` to `end` come from inside the image, in one piece.
  const start = Math.min(Math.max(-right, 0), width);
  const end = Math.max(Math.min(width - right, width), start);
  const border = reflects ? [...range(0, start), ...range(end, width)] : [];
  for (let row = 0; row < height; row++) {
    const source = reflects ? reflected(row + down, height) : row + down;
    if (source < 0 || source >= height) continue;
    const [from, to] = [source * width, row * width];
    const piece = image.subarray((from + start + right) * channels, (from + end + right) * channels);
    out.set(piece, (to + start) * channels);
    for (const column of border) {
      const place = (from + reflected(column + right, width)) * channels;
      for (let channel = 0; channel < channels; channel++) {
        out[(to + column) * channels + channel] = image[place + channel] as number;
      }
    }
  }
  return out;
}

/** A place of an axis, mirrored at the first and the last where it lies beyond. */
function reflected(place: number, length: number): number {
  const last = length - 1;
  return last - Math.abs(last - Math.abs(place));
}

function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, at) => start + at);
}
