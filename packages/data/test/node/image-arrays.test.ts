import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { classCounts, type Dataset } from "../../src";
import { type ImageArraysOptions, imageArrays } from "../../src/node";
import { expectCutsRefused, expectDamageBorne } from "@awp/testing";
import { fixture } from "../fixtures/fixture";
import { folderWith, temporaryFolder } from "./temporary-folder";

const classNames = ["cat", "dog"];
/** make.py's two images of 4 × 5 pixels. */
const counted = Uint8Array.from({ length: 120 }, (_, i) => i);

async function read(name: string, options: Partial<ImageArraysOptions> = {}): Promise<Dataset> {
  const directory = await folderWith({ [name]: fixture(name) });
  return imageArrays({ path: join(directory, name), classNames, ...options });
}

describe("imageArrays", () => {
  test.each([
    ["a deflated archive", "generated.npz"],
    ["a stored one", "generated-stored.npz"],
    ["planes", "generated-planes.npz"],
    ["an array in Fortran's order", "generated-fortran.npz"],
    ["RST's pickle", "rst.pickle"],
  ])("reads %s", async (_, name) => {
    const set = await read(name);
    expect(set.images).toEqual(counted);
    expect(set.shape).toEqual([4, 5, 3]);
    expect([...set.labels]).toEqual([1, 0]);
    expect(set.classNames).toBe(classNames);
  });

  test("reads floats and arrays of other names; −1 is no label", async () => {
    const set = await read("generated-floats.npz", { images: "x", labels: "y" });
    expect(set.images).toEqual(Float32Array.from(counted, (byte) => byte / 128));
    expect([...set.labels]).toEqual([1, -1]);
    expect([...classCounts(set)]).toEqual([0, 1]);
  });

  test("reads images without any label", async () => {
    expect([...(await read("generated.npz", { labels: null })).labels]).toEqual([-1, -1]);
    expect([...(await read("rst.pickle", { labels: null })).labels]).toEqual([-1, -1]);
  });

  test.each<[string, string, Partial<ImageArraysOptions>, RegExp]>([
    [
      "an array that is not there",
      "generated.npz",
      { images: "x" },
      /npz: has no array "x", but image\.npy, label\.npy; /,
    ],
    ["an entry that is not there", "rst.pickle", { labels: "y" }, /has no "y", but "data", "extrapolated_targets"/],
    ["classes beyond the names", "generated.npz", { classNames: ["cat"] }, /npz: label 1 of image 0, want 0 to 0/],
    ["values above 1", "generated-too-bright.npz", {}, /bright\.npz: images: got 2, want values in \[0, 1\]; /],
    ["doubles", "generated-doubles.npz", {}, /images are Float64Array of shape \[2, 4, 5, 3\], want bytes or float32/],
    ["labels as images", "generated.npz", { images: "label" }, /images are BigInt64Array of shape \[2\]/],
    ["images as labels", "generated.npz", { labels: "image" }, /120 labels for 2 images/],
  ])("refuses %s", async (_, name, options, message) => {
    await expect(read(name, options)).rejects.toThrow(message);
  });

  test("refuses a file that is not there or empty", async () => {
    const directory = await folderWith({ empty: "" });
    await expect(imageArrays({ path: join(directory, "none"), classNames })).rejects.toThrow(
      /none: no such file; want/,
    );
    await expect(imageArrays({ path: join(directory, "empty"), classNames })).rejects.toThrow(/empty: truncated/);
  });
});

/** A reader of bytes by way of a file. */
async function rereader(): Promise<{ path: string; reread: (bytes: Uint8Array) => Promise<Dataset> }> {
  const path = join(await temporaryFolder(), "set.npz");
  const reread = async (bytes: Uint8Array): Promise<Dataset> => {
    await writeFile(path, bytes);
    return imageArrays({ path, classNames });
  };
  return { path, reread };
}

describe.each(["generated.npz", "generated-stored.npz"])("%s", (name) => {
  test("is refused where it is cut", async () => {
    const { path, reread } = await rereader();
    await expectCutsRefused(fixture(name), reread, { step: 3, source: path });
  });

  test("is read or refused where bytes are wrong, also in its directory", async () => {
    const { path, reread } = await rereader();
    await expectDamageBorne(fixture(name), reread, { numRuns: 300, source: path });
    const reversed = (bytes: Uint8Array): Promise<Dataset> => reread(bytes.slice().reverse());
    await expectDamageBorne(fixture(name).reverse(), reversed, { numRuns: 500, within: 200, source: path });
  });

  test("is refused where a pixel has another value than its checksum says", async () => {
    const { reread } = await rereader();
    const bytes = fixture(name);
    const image = Buffer.from(bytes).indexOf("image.npy") + 160;
    bytes[image] = (bytes[image] as number) ^ 1;
    await expect(reread(bytes)).rejects.toThrow(/set\.npz: damaged: /);
  });
});
