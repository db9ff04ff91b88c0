import type { Random } from "@awp/core";
import { hostUniform } from "@awp/core";
import { type FieldBasis, fieldBasis, nodeCount, smoothField } from "./smooth-field";

/** The looks of all classes, each a smooth field larger than an image by `reach` pixels on every side. */
export interface SyntheticWorld {
  readonly classes: number;
  readonly prototypes: number;
  readonly size: number;
  readonly channels: number;
  readonly reach: number;
  readonly looks: readonly Float32Array[];
  /** The basis of an image's clutter. */
  readonly clutter: FieldBasis;
}

/** The rough number of bumps that a field has along a side. */
const bumps = 8;

/** Draws the looks of a world, `classes · prototypes` of them, with a row key each. */
export function syntheticWorld(
  random: Random,
  { classes, prototypes, size, channels }: Pick<SyntheticWorld, "classes" | "prototypes" | "size" | "channels">,
): SyntheticWorld {
  const reach = Math.floor(size / bumps);
  const basis = fieldBasis(size + 2 * reach, size / bumps);
  const looks = Array.from({ length: classes * prototypes }, (_, look) => {
    const nodes = hostUniform(random.forRows(Int32Array.of(look)), nodeCount(basis, channels));
    return smoothField(basis, nodes, channels);
  });
  return { classes, prototypes, size, channels, reach, looks, clutter: fieldBasis(size, size / bumps) };
}

/** Adds `strength` times one of the looks of class `label`, shifted and mirrored at random, to an image. */
export function addLook(
  image: Float32Array,
  { prototypes, size, channels, reach, looks }: SyntheticWorld,
  label: number,
  strength: number,
  random: Random,
): void {
  const [prototype = 0, down = 0, right = 0, mirror = 0] = hostUniform(random, 4);
  const look = looks[label * prototypes + Math.floor(prototype * prototypes)] as Float32Array;
  const top = Math.floor(down * (2 * reach + 1));
  const left = Math.floor(right * (2 * reach + 1));
  const width = size + 2 * reach;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const across = mirror < 0.5 ? column : size - 1 - column;
      const from = ((top + row) * width + left + across) * channels;
      const to = (row * size + column) * channels;
      for (let channel = 0; channel < channels; channel++) {
        image[to + channel] = (image[to + channel] as number) + strength * (look[from + channel] as number);
      }
    }
  }
}

/** A smooth pattern like the looks, of unit variance, `[size, size, channels]`. */
export function clutterField({ clutter, channels }: SyntheticWorld, random: Random): Float32Array {
  return smoothField(clutter, hostUniform(random, nodeCount(clutter, channels)), channels);
}
