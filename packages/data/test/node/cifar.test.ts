import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cifar10, cifar100, DataError } from "../../src/node";
import { folderWith, temporaryFolder } from "./temporary-folder";

/** A record whose plane of channel c has the value `start + c + pixel % 100` at each pixel. */
function record(labels: readonly number[], start = 0): Uint8Array {
  const planes = Array.from({ length: 3072 }, (_, i) => start + Math.floor(i / 1024) + ((i % 1024) % 100));
  return Uint8Array.from([...labels, ...planes]);
}

const records = (...all: readonly Uint8Array[]): Uint8Array => Buffer.concat(all);

describe("cifar10", () => {
  test("reads batches of any length in numeric order, planes turned to pixels", async () => {
    const directory = await folderWith({
      "data_batch_10.bin": record([9], 20),
      "data_batch_2.bin": records(record([2], 10), record([3], 11)),
      "data_batch_1.bin": record([1]),
      "test_batch.bin": record([4]),
      "readme.html": "not data",
    });
    const train = await cifar10({ directory });
    expect([...train.labels]).toEqual([1, 2, 3, 9]);
    expect(train.shape).toEqual([32, 32, 3]);
    expect(train.classNames.slice(0, 3)).toEqual(["airplane", "automobile", "bird"]);
    expect([...train.images.subarray(0, 6)]).toEqual([0, 1, 2, 1, 2, 3]); // pixel 0, then pixel 1
    expect([...train.images.subarray(3 * 3072 - 3, 3 * 3072)]).toEqual([11 + 23, 12 + 23, 13 + 23]); // pixel 1023
    expect([...(await cifar10({ directory, split: "test" })).labels]).toEqual([4]);
  });

  test("finds the folder that the archive unpacks to, and the class names beside the batches", async () => {
    const names = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n";
    const files = { "data_batch_1.bin": record([1]), "batches.meta.txt": names };
    const directory = await folderWith(files, "cifar-10-batches-bin");
    expect((await cifar10({ directory })).classNames).toEqual(Array.from("abcdefghij"));
  });

  test("refuses every length that is not whole records, naming the file", async () => {
    const directory = await folderWith({});
    const path = join(directory, "test_batch.bin");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 * 3073 }), async (length) => {
        await writeFile(path, new Uint8Array(length));
        const read = cifar10({ directory, split: "test" });
        if (length % 3073 === 0) expect((await read).labels).toHaveLength(length / 3073);
        else await expect(read).rejects.toThrow(`${path}: ${length} bytes are not whole records of 3073 bytes`);
      }),
      { numRuns: 50, examples: [[3072], [3073], [3074], [6146]] },
    );
  });

  test.each<[string, Record<string, Uint8Array | string>, RegExp]>([
    ["an empty file", { "data_batch_1.bin": "" }, /data_batch_1\.bin: the file is empty; get the official/],
    [
      "a label out of range",
      { "data_batch_1.bin": records(record([9]), record([10])) },
      /data_batch_1\.bin: record 1 has label 10, want 0 to 9; get the official/,
    ],
    [
      "files of another name",
      { data_batch_one: "pickle" },
      /data_batch_1\.bin is neither here nor in cifar-10-batches-bin\//,
    ],
    [
      "a list of names that is short",
      { "data_batch_1.bin": record([0]), "batches.meta.txt": "a\nb\n" },
      /batches\.meta\.txt: 2 class names, want 10; correct the file/,
    ],
  ])("refuses %s", async (_, files, message) => {
    const directory = await folderWith(files);
    await expect(cifar10({ directory })).rejects.toThrow(message);
  });

  test("says where a missing folder was looked for and how to get the data", async () => {
    const directory = join(await temporaryFolder(), "nowhere");
    const error = await cifar10({ directory }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).source).toBe(directory);
    expect((error as DataError).message).toBe(
      `${directory}: no such folder; get the official binary version with ` +
        `downloadCifar10({ directory: ${JSON.stringify(directory)} })`,
    );
  });

  test("refuses an unknown split", async () => {
    await expect(cifar10({ directory: ".", split: "val" as "test" })).rejects.toThrow(/split: got "val"/);
  });
});

describe("cifar100", () => {
  test("takes fine or coarse labels, each with its names", async () => {
    const files = { "train.bin": records(record([19, 99]), record([0, 4])) };
    const directory = await folderWith(files, "cifar-100-binary");
    const fine = await cifar100({ directory });
    const coarse = await cifar100({ directory, labels: "coarse" });
    expect([...fine.labels]).toEqual([99, 4]);
    expect([...coarse.labels]).toEqual([19, 0]);
    expect(fine.classNames[99]).toBe("worm");
    expect(coarse.classNames[19]).toBe("vehicles_2");
    expect([fine.classNames.length, coarse.classNames.length]).toEqual([100, 20]);
    expect([...fine.images.subarray(3072, 3078)]).toEqual([0, 1, 2, 1, 2, 3]);
  });

  test("refuses a coarse label beyond 19 and CIFAR-10's files", async () => {
    const directory = await folderWith({ "test.bin": record([20, 0]) });
    await expect(cifar100({ directory, split: "test", labels: "coarse" })).rejects.toThrow(/record 0 has label 20/);
    await expect(cifar100({ directory })).rejects.toThrow(/train\.bin is neither here nor in .* downloadCifar100\(/);
    await writeFile(join(directory, "train.bin"), record([1]));
    await expect(cifar100({ directory })).rejects.toThrow(/3073 bytes are not whole records of 3074 bytes/);
  });
});
