import { interleave } from "./planes";
import type { LabelledPlanes } from "./record-fields";

/** The images of several files as one array, the planes turned to pixels; takes each file's out of `parts`, to free it. */
export function gathered(
  parts: LabelledPlanes[],
  layout: { readonly plane: number; readonly channels: number },
): { images: Uint8Array; labels: Int32Array } {
  const size = layout.plane * layout.channels;
  const total = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const images = new Uint8Array(total * size);
  const labels = new Int32Array(total);
  let first = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    labels.set(part.labels, first);
    for (let row = 0; row < part.labels.length; row++) {
      interleave(part.planes, row * size, images, (first + row) * size, layout);
    }
    first += part.labels.length;
  }
  return { images, labels };
}
