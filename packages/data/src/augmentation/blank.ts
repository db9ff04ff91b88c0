import type { Pixels } from "../dataset/dataset";

/** A black image of the kind and the size of another. */
export function blank(image: Pixels): Pixels {
  return image instanceof Uint8Array ? new Uint8Array(image.length) : new Float32Array(image.length);
}

/** A copy in memory of its own; `slice` of Node's `Buffer` gives a view of the same. */
export function copied(image: Pixels): Pixels {
  const copy = blank(image);
  copy.set(image);
  return copy;
}
