import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { hostUniform, random } from "@awp/core";
import sharp from "sharp";

/** Pictures of one size in memory: bytes, row by row, and the class of each. */
export interface Pictures {
  readonly side: number;
  readonly classNames: readonly string[];
  /** One for each picture, in the order in which a folder of images has them. */
  readonly pictures: readonly { readonly label: number; readonly pixels: Uint8Array }[];
}

/**
 * Random pictures of values in the middle of the range, so that a small change stays inside it. With the weights of a
 * linear model each leans a little to where that model sees its class, so that most are classified correctly.
 */
export function randomPictures(
  side: number,
  classes: number,
  each: number,
  weights: readonly (readonly number[])[] = [],
): Pictures {
  const size = side * side * 3;
  const values = hostUniform(random(5), classes * each * size);
  const lean = (label: number, pixel: number): number => {
    const row = weights[pixel] ?? [];
    return 6 * Math.sign((row[label] ?? 0) - row.reduce((sum, value) => sum + value, 0) / Math.max(row.length, 1));
  };
  return {
    side,
    classNames: Array.from({ length: classes }, (_, label) => `class-${label}`),
    pictures: Array.from({ length: classes * each }, (_, i) => {
      const label = Math.floor(i / each);
      const pixel = (_: unknown, at: number): number => 90 + 70 * values[i * size + at]! + lean(label, at);
      return { label, pixels: Uint8Array.from({ length: size }, pixel) };
    }),
  };
}

/** Writes them as `folder/<class>/NNN.png`. */
export async function writePictures(folder: string, { side, classNames, pictures }: Pictures): Promise<string> {
  for (const name of classNames) await mkdir(join(folder, name), { recursive: true });
  const raw = { width: side, height: side, channels: 3 } as const;
  for (const [i, { label, pixels }] of pictures.entries()) {
    const file = `${String(i).padStart(3, "0")}.png`;
    await sharp(pixels, { raw }).toFile(join(folder, classNames[label] as string, file));
  }
  return folder;
}
