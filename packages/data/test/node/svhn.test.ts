import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { classCounts } from "../../src";
import { svhn } from "../../src/node";
import { readMatlab } from "../../src/node/matlab";
import { expectCutsRefused, expectDamageBorne } from "@awp/testing";
import { fail, inflatedFixture } from "../fixtures/fixture";
import { folderWith } from "./temporary-folder";

/** make.py's images: a byte for row, column, channel and image. */
function pixels(count: number): Uint8Array {
  const byte = (i: number): number => {
    const [channel, column, row, image] = [
      i % 3,
      Math.floor(i / 3) % 32,
      Math.floor(i / 96) % 32,
      Math.floor(i / 3072),
    ];
    return (row * 7 + column * 3 + channel * 80 + image * 11) % 256;
  };
  return Uint8Array.from({ length: count * 3072 }, (_, i) => byte(i));
}

describe("svhn", () => {
  test.each([
    ["compressed elements, as the official files have", "svhn"],
    ["plain elements, labels that are doubles and another variable", "svhn-plain"],
    ["the order of bytes of another machine", "svhn-big"],
  ])("reads %s", async (_, name) => {
    const directory = await folderWith({ "train_32x32.mat": inflatedFixture(`${name}.mat`) });
    const set = await svhn({ directory });
    expect([...set.labels]).toEqual([1, 0, 5]); // 10 is the digit 0
    expect([...classCounts(set)]).toEqual([1, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
    expect(set.shape).toEqual([32, 32, 3]);
    expect(set.images).toEqual(pixels(3));
  });

  test("reads one image, and each split from its file", async () => {
    const files = {
      "test_32x32.mat": inflatedFixture("svhn-one.mat"),
      "extra_32x32.mat": inflatedFixture("svhn.mat"),
    };
    const directory = await folderWith(files, "svhn");
    expect((await svhn({ directory, split: "test" })).images).toEqual(pixels(1));
    expect((await svhn({ directory, split: "extra" })).indices).toHaveLength(3);
    await expect(svhn({ directory })).rejects.toThrow(
      /train_32x32\.mat is neither here nor in svhn\/; get the official/,
    );
    await expect(svhn({ directory, split: "val" as "test" })).rejects.toThrow(/split: got "val"/);
  });

  test.each([
    ["svhn-no-y", /train_32x32\.mat: has no array "y"; get the official/],
    ["svhn-label-11", /label 11 of image 1, want 1 to 10/],
    ["svhn-two-labels", /"X" is bytes of shape \[32, 32, 3, 3\], want bytes \[32, 32, 3, 2\]/],
    ["svhn-floats", /"X" is no bytes of shape/],
    ["svhn-complex", /"y" is no array of real numbers/],
  ])("refuses %s", async (name, message) => {
    const directory = await folderWith({ "train_32x32.mat": inflatedFixture(`${name}.mat`) });
    await expect(svhn({ directory })).rejects.toThrow(message);
  });
});

describe("readMatlab", () => {
  const read = (bytes: Uint8Array): unknown => readMatlab(bytes, ["X", "y"], fail);

  test("refuses a file that is not MATLAB 5", async () => {
    const later = inflatedFixture("svhn.mat");
    later[125] = 2;
    await expect(read(later)).rejects.toThrow("file: a MATLAB 7.3 file, which is HDF5; want MATLAB 5");
    await expect(read(new Uint8Array(500))).rejects.toThrow("file: not a MATLAB 5 file");
  });

  test("refuses a length that no compression reaches, before it allocates it", async () => {
    const lie = deflateSync(Buffer.from(Uint32Array.of(14, 0xfffffff0).buffer));
    const tag = new Uint8Array(Uint32Array.of(15, lie.length).buffer);
    const file = Buffer.concat([inflatedFixture("svhn.mat").subarray(0, 128), tag, lie]);
    await expect(read(file)).rejects.toThrow(/file: damaged: \d+ bytes cannot inflate to 4294967288/);
  });

  test.each(["svhn", "svhn-one"])("refuses %s where it is cut", async (name) => {
    await expectCutsRefused(inflatedFixture(`${name}.mat`), read, { step: 3 });
  });

  test.each(["svhn", "svhn-plain", "svhn-big"])("reads or refuses %s where bytes are wrong", async (name) => {
    const numRuns = 300;
    await expectDamageBorne(inflatedFixture(`${name}.mat`), read, { numRuns });
    await expectDamageBorne(inflatedFixture(`${name}.mat`), read, { numRuns, within: 400 });
  });
});
