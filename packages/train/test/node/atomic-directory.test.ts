import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import { afterAll, describe, expect, it } from "vitest";
import { entriesOf, removeDirectory, removePartial, writeDirectory } from "../../src/node/atomic-directory";
import { temporaryFolders } from "../toy-training";

const folders = temporaryFolders();
afterAll(() => folders.remove());

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = new Map([
  ["a.txt", bytes("one")],
  ["b.txt", bytes("two")],
]);

describe("a directory written whole", () => {
  it("holds the files and stands alone", async () => {
    const folder = folders.make();
    await writeDirectory(join(folder, "deep", "target"), files);
    expect(readdirSync(join(folder, "deep"))).toEqual(["target"]);
    expect(readFileSync(join(folder, "deep", "target", "b.txt"), "utf8")).toBe("two");
    await removeDirectory(join(folder, "deep", "target"));
    expect(readdirSync(join(folder, "deep"))).toEqual([]);
  });

  it("leaves nothing when it cannot be written, and says where", async () => {
    const folder = folders.make();
    mkdirSync(join(folder, "target"));
    writeFileSync(join(folder, "target", "other"), "");
    const refused = writeDirectory(join(folder, "target"), files);
    await expect(refused).rejects.toThrow(AwpError);
    await expect(refused).rejects.toThrow(join(folder, "target"));
    expect(readdirSync(folder)).toEqual(["target"]);
    expect(readdirSync(join(folder, "target"))).toEqual(["other"]);
  });

  it("replaces what a killed writer left", async () => {
    const folder = folders.make();
    mkdirSync(join(folder, ".target.partial"));
    writeFileSync(join(folder, ".target.partial", "c.txt"), "");
    await writeDirectory(join(folder, "target"), files);
    expect(readdirSync(join(folder, "target")).sort()).toEqual(["a.txt", "b.txt"]);
    mkdirSync(join(folder, ".other.partial"));
    await removePartial(folder);
    expect(readdirSync(folder)).toEqual(["target"]);
  });
});

it("a folder that is not there has no entries", async () => {
  expect(await entriesOf(join(folders.make(), "absent"))).toEqual([]);
});
