import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cifar10, cifar100 } from "../../src/node";
import { inflatedFixture } from "../fixtures/fixture";
import { folderWith } from "./temporary-folder";

/** A batch as Python 2 wrote the official ones: two images, of classes 6 and 9. */
const batch = inflatedFixture("cifar10-python2.pickle");
const labelByte = Buffer.from(batch).indexOf(Uint8Array.of(0x4b, 6, 0x4b, 9)) + 1;

function withLabels(first: number, second: number): Uint8Array {
  return batch.map((byte, at) => (at === labelByte ? first : at === labelByte + 2 ? second : byte));
}

describe("cifar10 on the Python version", () => {
  test("reads the batches by number, planes turned to pixels", async () => {
    const files = { data_batch_10: withLabels(4, 5), data_batch_2: batch, test_batch: withLabels(0, 1) };
    const directory = await folderWith(files, "cifar-10-batches-py");
    const train = await cifar10({ directory });
    expect([...train.labels]).toEqual([6, 9, 4, 5]);
    expect(train.classNames[6]).toBe("frog");
    // make.py: plane · 80 + pixel % 50 in the first image
    expect([...train.images.subarray(0, 6)]).toEqual([0, 80, 160, 1, 81, 161]);
    expect([...train.images.subarray(3069, 3072)]).toEqual([23, 103, 183]);
    expect([...train.images.subarray(6144, 6147)]).toEqual([0, 80, 160]);
    expect([...(await cifar10({ directory, split: "test" })).labels]).toEqual([0, 1]);
  });

  test("takes the binary version where both are", async () => {
    const record = Uint8Array.from({ length: 3073 }, (_, i) => (i === 0 ? 3 : 0));
    const directory = await folderWith({ data_batch_1: batch, "data_batch_1.bin": record });
    expect([...(await cifar10({ directory })).labels]).toEqual([3]);
  });

  test.each<[string, Uint8Array | string, RegExp]>([
    ["a label out of range", withLabels(6, 10), /data_batch_1: label 10 of image 1, want 0 to 9; get the official/],
    ["a file cut short", batch.slice(0, 5000), /data_batch_1: truncated: 6144 bytes wanted at byte \d+ of 5000; get/],
    ["a pickle that calls", "cos\nsystem\n(S'id'\ntR.", /data_batch_1: refused "os\.system"/],
    ["a list", "(lp0\n.", /data_batch_1: holds a list of 0, want a dict with "labels"/],
    ["a dict of something else", "(dp0\nS'x'\nI1\ns.", /data_batch_1: has no "labels", but "x"/],
    [
      "labels of another count",
      "(dS'labels'\n(lI1\nasS'data'\nS''\ns.",
      /data_batch_1: "data" is 0 bytes, want an array/,
    ],
    [
      "labels that are no integers",
      "(dS'labels'\n(lF1.5\nas.",
      /"labels" has an entry 0 that is no integer of 32 bits/,
    ],
  ])("refuses %s", async (_, content, message) => {
    await expect(cifar10({ directory: await folderWith({ data_batch_1: content }) })).rejects.toThrow(message);
  });

  test("refuses a folder in a file's place", async () => {
    const directory = await folderWith({});
    await mkdir(join(directory, "data_batch_1"));
    await expect(cifar10({ directory })).rejects.toThrow(/data_batch_1: not a file; get the official/);
  });
});

test("cifar100 on the Python version takes fine or coarse labels", async () => {
  const text = Buffer.from(withLabels(19, 4)).toString("latin1");
  const twice = text.replace(
    "U\x06labels]q\x02(K\x13K\x04e",
    "U\x0bfine_labels](K\x63K\x00eU\x0dcoarse_labels](K\x13K\x04e",
  );
  const directory = await folderWith({ train: Buffer.from(twice, "latin1") }, "cifar-100-python");
  expect([...(await cifar100({ directory })).labels]).toEqual([99, 0]);
  expect([...(await cifar100({ directory, labels: "coarse" })).labels]).toEqual([19, 4]);
  await expect(cifar100({ directory, split: "test" })).rejects.toThrow(/test\.bin is neither here nor in/);
});
