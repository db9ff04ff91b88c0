import { hostUniform } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import type { Augmentation } from "./augmentation";
import type { Pixels } from "../dataset/dataset";

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
  return (image, [height, width, channels], random) => {
    const reflectable = mode === "zero" || padding < Math.min(height, width);
    requireArgument(reflectable, "padding", padding, `less than the image's ${height} by ${width} pixels`);
    const [down = 0, right = 0] = hostUniform(random, 2).map((u) => Math.floor(u * (2 * padding + 1)) - padding);
    return shifted(image, sources(height, down, mode), sources(width, right, mode), channels);
  };
}

/** The place that each place along an axis is taken from after a shift; -1 is black. */
function sources(length: number, shift: number, mode: "zero" | "reflect"): Int32Array {
  const last = length - 1;
  return Int32Array.from({ length }, (_, place) => {
    const from = place + shift;
    if (from >= 0 && from <= last) return from;
    if (mode === "zero") return -1;
    return from < 0 ? -from : 2 * last - from;
  });
}

function shifted(image: Pixels, rows: Int32Array, columns: Int32Array, channels: number): Pixels {
  const out = image.slice().fill(0);
  let at = 0;
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * columns.length + column) * channels;
      if (row >= 0 && column >= 0) {
        for (let channel = 0; channel < channels; channel++) out[at + channel] = image[from + channel] as number;
      }
      at += channels;
    }
  }
  return out;
}
