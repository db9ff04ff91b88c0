import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { DataError, imageFolder } from "../../src/node";
import { sharpDecoder } from "../../src/node/decoder";
import { temporaryFolder } from "./temporary-folder";

interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3 | 4;
  /** The value of a channel at a pixel. */
  readonly at: (y: number, x: number, channel: number) => number;
}

const plain = (value: number, width = 2, height = 2): Picture => ({ width, height, channels: 3, at: () => value });

/** A folder with those files: pictures as PNG, text as it is. */
async function folderWith(files: Readonly<Record<string, Picture | string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await writeFile(path, content);
    else await sharp(bytes(content), { raw: content }).toFile(path);
  }
  return folder;
}

function bytes({ width, height, channels, at }: Picture): Uint8Array {
  return Uint8Array.from({ length: width * height * channels }, (_, i) =>
    at(Math.floor(i / channels / width), Math.floor(i / channels) % width, i % channels),
  );
}

describe("imageFolder", () => {
  test("takes the folders, sorted, as classes and the bytes of a PNG as they are", async () => {
    const gradient: Picture = { width: 3, height: 2, channels: 3, at: (y, x, c) => 100 * y + 10 * x + c };
    const directory = await folderWith({
      "dog/b.png": plain(7, 3, 2),
      "dog/a.PNG": gradient,
      "cat/only.png": plain(9, 3, 2),
      "cat/notes.txt": "not an image",
      "readme.md": "not a class",
      ".hidden/x.png": plain(1),
    });
    const images = await imageFolder({ directory });
    expect(images.classNames).toEqual(["cat", "dog"]);
    expect([...images.labels]).toEqual([0, 1, 1]);
    expect(images.files).toEqual(["cat/only.png", "dog/a.PNG", "dog/b.png"].map((file) => join(directory, file)));
    expect(images.shape).toEqual([2, 3, 3]);
    expect(images.images).toBeInstanceOf(Uint8Array);
    expect([...images.images.subarray(18, 36)]).toEqual([...bytes(gradient)]);
  });

  test("makes three channels of grey and of transparent images, and one of coloured ones where told", async () => {
    const directory = await folderWith({
      "a/grey.png": { width: 2, height: 1, channels: 1, at: (_, x) => 50 + x },
      "a/transparent.png": { width: 2, height: 1, channels: 4, at: (_, x, c) => (c === 3 ? 10 : 60 + 10 * c + x) },
    });
    const coloured = await imageFolder({ directory });
    expect([...coloured.images]).toEqual([50, 50, 50, 51, 51, 51, 60, 70, 80, 61, 71, 81]);
    const grey = await imageFolder({ directory, channels: 1 });
    expect(grey.shape).toEqual([1, 2, 1]);
    expect([...grey.images.subarray(0, 2)]).toEqual([50, 51]);
  });

  test("scales until the size is covered, and takes the middle", async () => {
    // Three bands of 8×8: covering 4×4 by halving, the middle one is left.
    const bands: Picture = { width: 24, height: 8, channels: 3, at: (_, x) => 100 * Math.floor(x / 8) };
    const directory = await folderWith({ "a/wide.png": bands, "a/square.png": plain(30, 8, 8) });
    const images = await imageFolder({ directory, size: 4 });
    expect(images.shape).toEqual([4, 4, 3]);
    const [square, wide] = [images.images.subarray(0, 48), images.images.subarray(48)];
    expect(new Set(square)).toEqual(new Set([30]));
    for (const value of wide.subarray(3, 9)) expect(Math.abs(value - 100)).toBeLessThan(10);
    expect((await imageFolder({ directory, size: [2, 6] })).shape).toEqual([2, 6, 3]);
  });

  test("numbers the classes by names that are given, also those without a folder", async () => {
    const directory = await folderWith({ "b/1.png": plain(1), "a/1.png": plain(2) });
    const images = await imageFolder({ directory, classNames: ["b", "none", "a"] });
    expect([...images.labels]).toEqual([2, 0]);
    expect(images.classNames).toEqual(["b", "none", "a"]);
    await expect(imageFolder({ directory, classNames: ["b"] })).rejects.toThrow(`${join(directory, "a")}: not among`);
  });

  test.each<[string, Record<string, Picture | string>, RegExp]>([
    ["a folder without classes", { "loose.png": plain(1) }, /no folder in it; want a folder for each class/],
    ["a class without images", { "a/1.png": plain(1), "b/notes.txt": "" }, /\/b: no image in it; add some/],
    ["a file that is no image", { "a/1.png": plain(1), "a/2.png": "text" }, /\/a\/2\.png: no image that can be read/],
    [
      "images of unequal size",
      { "a/1.png": plain(1), "a/2.png": plain(1, 3, 2) },
      /\/a\/2\.png: 3×2 pixels, where .*\/a\/1\.png has 2×2; give a size/,
    ],
  ])("refuses %s", async (_, files, message) => {
    const error: unknown = await imageFolder({ directory: await folderWith(files) }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(message);
  });

  test("refuses a file that breaks off in the middle", async () => {
    const directory = await folderWith({
      "a/1.png": { ...plain(1, 64, 64), at: (y, x, c) => (y * x * (c + 1)) % 251 },
    });
    const path = join(directory, "a/1.png");
    const whole = await sharp(path).png().toBuffer();
    await writeFile(path, whole.subarray(0, Math.floor(whole.length / 2)));
    await expect(imageFolder({ directory })).rejects.toThrow(`${path}: no image that can be read`);
  });

  test("refuses a missing folder and options that cannot be meant", async () => {
    await expect(imageFolder({ directory: "/nowhere/at/all" })).rejects.toThrow("/nowhere/at/all: no such folder");
    await expect(imageFolder({ directory: ".", size: 0 })).rejects.toThrow("size: got 0");
    await expect(imageFolder({ directory: ".", channels: 4 as 3 })).rejects.toThrow("channels: got 4, want 1 or 3");
  });

  test("says what to install where the decoder is missing", async () => {
    const message = "images are decoded by sharp-that-is-missing, which is not installed: npm install sharp-that";
    await expect(sharpDecoder("sharp-that-is-missing")).rejects.toThrow(message);
  });
});
