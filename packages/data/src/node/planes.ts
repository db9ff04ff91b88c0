/** Turns the planes of one image (all of red, all of green, …) into pixels of `channels` values. */
export function interleave(
  source: Uint8Array | Float32Array,
  from: number,
  target: Uint8Array | Float32Array,
  to: number,
  { plane, channels }: { readonly plane: number; readonly channels: number },
): void {
  for (let channel = 0; channel < channels; channel++) {
    const start = from + channel * plane;
    for (let pixel = 0; pixel < plane; pixel++) {
      target[to + pixel * channels + channel] = source[start + pixel] as number;
    }
  }
}
