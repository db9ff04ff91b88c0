import type { Pixels } from "../dataset/dataset";

/** A copy in memory of its own; `slice` of Node's `Buffer` gives a view of the same. */
export function copied(image: Pixels): Pixels {
  return image instanceof Uint8Array ? new Uint8Array(image) : new Float32Array(image);
}
