import { describe, expect, test } from "vitest";
import { imagenet32 } from "../../src/node";
import { fixture, inflatedFixture } from "../fixtures/fixture";
import { folderWith } from "./temporary-folder";

/** make.py's batches: two images each, of labels 1 and 1000 in the pickle, 999 and 2 in the archive. */
const pickle = inflatedFixture("imagenet32.pickle");
const labels = Buffer.from(pickle).indexOf(Buffer.from("K\x01M\xe8\x03", "latin1"));
const fromZero = pickle.map((byte, at) => (at === labels + 1 ? 0 : byte));
const npz = fixture("imagenet32.npz");

describe("imagenet32", () => {
  test.each([
    ["pickles", { train_data_batch_10: pickle, train_data_batch_2: pickle }, [0, 999, 0, 999]],
    ["archives", { "train_data_batch_1.npz": npz }, [998, 1]],
    ["pickles where both are", { train_data_batch_1: pickle, "train_data_batch_1.npz": npz }, [0, 999]],
  ] as const)("reads %s, labels counted from 0, planes turned to pixels", async (_, files, labels) => {
    const directory = await folderWith(files, "Imagenet32_train");
    const set = await imagenet32({ directory });
    expect([...set.labels]).toEqual(labels);
    expect(set.shape).toEqual([32, 32, 3]);
    expect(set.classNames).toHaveLength(1000);
    expect(set.classNames[999]).toBe("1000");
    // make.py: plane · 80 + pixel % 50 in the first image
    expect([...set.images.subarray(0, 6)]).toEqual([0, 80, 160, 1, 81, 161]);
    expect([...set.images.subarray(3069, 3072)]).toEqual([23, 103, 183]);
  });

  test("reads the validation split, and the names of classes beside it", async () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `n0${1000 + i} ${1000 - i} name_${1000 - i}\n`);
    const directory = await folderWith({ val_data: pickle, "map_clsloc.txt": lines.join("") });
    const set = await imagenet32({ directory, split: "val" });
    expect(set.classNames[0]).toBe("name_1");
    expect(set.classNames[999]).toBe("name_1000");
  });

  test.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    ["no files", { "train.bin": "" }, /train_data_batch_1 is neither here nor in Imagenet32_train\/; get the official/],
    ["a pickle that calls", { train_data_batch_1: "cos\nsystem\n." }, /train_data_batch_1: refused "os\.system"/],
    [
      "an archive cut short",
      { "train_data_batch_1.npz": npz.slice(0, 900) },
      /batch_1\.npz: not a zip archive, or cut/,
    ],
    [
      "a list of classes cut short",
      { train_data_batch_1: pickle, "map_clsloc.txt": "n01 1 a\n" },
      /1 classes, want 1000/,
    ],
    ["labels counted from 0", { train_data_batch_1: fromZero }, /batch_1: label 0 of image 0, want 1 to 1000/],
  ])("refuses %s", async (_, files, message) => {
    await expect(imagenet32({ directory: await folderWith(files) })).rejects.toThrow(message);
  });
});
