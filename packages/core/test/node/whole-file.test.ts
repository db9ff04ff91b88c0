import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AwpError } from "../../src";
import { writeWhole } from "../../src/node";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-whole-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a file written whole", () => {
  test("replaces the one before, in a folder that it makes, and leaves nothing beside it", async () => {
    const path = join(folder, "deep", "a.txt");
    await writeWhole(path, "one");
    await writeWhole(path, [Buffer.from("two"), new Uint8Array(), Buffer.from(" three")]);
    expect(readFileSync(path, "utf8")).toBe("two three");
    expect(readdirSync(join(folder, "deep"))).toEqual(["a.txt"]);
  });

  test("is as it was where its content ends in an error, which names the file", async () => {
    const path = join(folder, "a.txt");
    await writeWhole(path, Buffer.from("one"));
    const content = function* () {
      yield Buffer.from("tw");
      throw new Error("no more");
    };
    const attempt = writeWhole(path, content());
    await expect(attempt).rejects.toThrow(AwpError);
    await expect(attempt).rejects.toThrow(`${path}: not written: no more`);
    expect(readFileSync(path, "utf8")).toBe("one");
    expect(readdirSync(folder)).toEqual(["a.txt"]);
  });

  test("is what a link leads to", async () => {
    writeFileSync(join(folder, "a.txt"), "one");
    symlinkSync("a.txt", join(folder, "link"));
    await writeWhole(join(folder, "link"), "two");
    expect(readlinkSync(join(folder, "link"))).toBe("a.txt");
    expect(readFileSync(join(folder, "a.txt"), "utf8")).toBe("two");
  });

  test("goes through a pipe that has its name", async (context) => {
    if (process.platform === "win32") context.skip("Windows has no pipes in folders");
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const [read] = await Promise.all([readFile(pipe, "utf8"), writeWhole(pipe, "one")]);
    expect(read).toBe("one");
    expect(readdirSync(folder)).toEqual(["pipe"]);
  });

  test("takes no folder's place", async () => {
    mkdirSync(join(folder, "taken"));
    await expect(writeWhole(join(folder, "taken"), "one")).rejects.toThrow(/taken: not written: E/);
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});
