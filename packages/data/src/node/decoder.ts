import { AwpError } from "@awp/core";
import type sharp from "sharp";

type Sharp = typeof sharp;

/** An image as bytes, `[height, width, channels]`. */
export interface DecodedImage {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** What an image is made into; without a size it keeps its own. */
export interface DecodedForm {
  readonly size: readonly [height: number, width: number] | undefined;
  readonly channels: 1 | 3;
}

/** Reads an image file into bytes. */
export type Decoder = (path: string, form: DecodedForm) => Promise<DecodedImage>;

/**
 * The decoder of the package sharp, which is loaded here and not before: it is there for folders of images alone.
 *
 * @throws AwpError that says what to install where it is missing.
 */
export async function sharpDecoder(specifier = "sharp"): Promise<Decoder> {
  const decode = await loadSharp(specifier);
  return async (path, { size, channels }) => {
    const image = decode(path, { failOn: "error" })
      .toColourspace(channels === 1 ? "b-w" : "srgb")
      .removeAlpha();
    const sized = size === undefined ? image : image.resize({ height: size[0], width: size[1], fit: "cover" });
    const { data, info } = await sized.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
    return { pixels: data, height: info.height, width: info.width };
  };
}

async function loadSharp(specifier: string): Promise<Sharp> {
  try {
    return ((await import(specifier)) as { readonly default: Sharp }).default;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND";
    const state = missing ? "is not installed" : `does not load (${(error as Error).message})`;
    throw new AwpError(`images are decoded by ${specifier}, which ${state}: npm install ${specifier}`, {
      cause: error,
    });
  }
}
