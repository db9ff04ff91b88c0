import { createHash } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { sharedFolder, skipWithoutShared } from "@awp/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { classCounts, type Dataset, subset } from "../../src";
import { cifar10, cifar100 } from "../../src/node";
import { temporaryFolder } from "./temporary-folder";

/** The counts and checksums are those that the files' own READMEs state. */
const tens = "data/cifar-10-subset";
const hundreds = "data/cifar-100-subset";

describe("cifar10 on genuine files", () => {
  beforeEach((context) => skipWithoutShared(tens, context));
  const directory = sharedFolder(tens) as string;

  test("counts the classes of each batch", async () => {
    const train = await cifar10({ directory });
    expect(train.indices).toHaveLength(5085);
    const perBatch = [0, 1, 2, 3, 4].map((batch) => subset(train, { start: batch * 1017, end: (batch + 1) * 1017 }));
    expect(perBatch.map((batch) => [...classCounts(batch)])).toEqual([
      [103, 113, 102, 94, 103, 86, 109, 102, 101, 104],
      [105, 101, 83, 99, 110, 96, 98, 118, 118, 89],
      [104, 108, 92, 120, 103, 92, 107, 94, 105, 92],
      [101, 105, 117, 89, 112, 105, 87, 97, 99, 105],
      [104, 97, 96, 91, 109, 96, 102, 105, 106, 111],
    ]);
    expect([...train.labels.subarray(0, 5)]).toEqual([6, 9, 9, 4, 1]); // frog, truck, truck, deer, automobile
  });

  test("reads the test split, with pixels that give the file's checksum when put back into planes", async () => {
    const set = await cifar10({ directory, split: "test" });
    expect([...classCounts(set)]).toEqual([105, 93, 100, 104, 92, 87, 114, 102, 110, 110]);
    expect(set.classNames.join(" ")).toBe("airplane automobile bird cat deer dog frog horse ship truck");
    expect(sha256(set)).toBe("c77ad46116beb3508f55d38aa34893560beae9515f9aca4a4dd0ea3617ac289e");
  });

  test("finds them one level down", async () => {
    const above = await temporaryFolder();
    await mkdir(join(above, "data"));
    await symlink(directory, join(above, "data", "cifar-10-batches-bin"));
    expect((await cifar10({ directory: join(above, "data"), split: "test" })).indices).toHaveLength(1017);
  });
});

describe("cifar100 on genuine files", () => {
  beforeEach((context) => skipWithoutShared(hundreds, context));
  const directory = sharedFolder(hundreds) as string;

  test.each([
    ["train", 3000, 20, 48],
    ["test", 1000, 4, 16],
  ] as const)("reads %s with the right count and range of fine classes", async (split, count, least, most) => {
    const set = await cifar100({ directory, split });
    const counts = classCounts(set);
    expect(set.indices).toHaveLength(count);
    expect([Math.min(...counts), Math.max(...counts)]).toEqual([least, most]);
  });

  test("has five fine classes in each coarse class, by name", async () => {
    const fine = await cifar100({ directory });
    const coarse = await cifar100({ directory, labels: "coarse" });
    const pairs = new Set(Array.from(fine.labels, (label, i) => `${label} ${coarse.labels[i]}`));
    expect(pairs.size).toBe(100);
    const members = (name: string): string[] =>
      [...pairs]
        .map((pair) => pair.split(" ").map(Number))
        .filter(([, group]) => coarse.classNames[group as number] === name)
        .map(([member]) => fine.classNames[member as number] as string)
        .sort();
    expect(members("trees")).toEqual(["maple_tree", "oak_tree", "palm_tree", "pine_tree", "willow_tree"]);
    expect(members("people")).toEqual(["baby", "boy", "girl", "man", "woman"]);
  });
});

/** Of the set written back as binary records of one label byte. */
function sha256({ images, labels }: Dataset): string {
  const hash = createHash("sha256");
  const record = new Uint8Array(3073);
  for (const [row, label] of labels.entries()) {
    record[0] = label;
    for (let i = 0; i < 3072; i++) record[1 + (i % 3) * 1024 + Math.floor(i / 3)] = images[row * 3072 + i] as number;
    hash.update(record);
  }
  return hash.digest("hex");
}
