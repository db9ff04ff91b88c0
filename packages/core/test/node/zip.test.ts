import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expectCutsRefused, expectDamageBorne } from "@awp/testing";
import { afterAll, expect, test } from "vitest";
import { openZip, storedZip, withFile } from "../../src/node";
import { fail } from "../fixtures/pickle";

const folder = mkdtempSync(join(tmpdir(), "awp-zip-"));
afterAll(() => rmSync(folder, { recursive: true }));

const contents: readonly (readonly [string, Uint8Array])[] = [
  ["a/data.pkl", Buffer.from("first")],
  ["a/none", new Uint8Array()],
  ["a/ünicode", Uint8Array.of(1, 2, 3)],
];
const bytes = Buffer.concat([...storedZip(contents)]);

/** The names and contents of an archive. */
function entriesOf(archive: Uint8Array): Promise<(readonly [string, string])[]> {
  const path = join(folder, "archive.zip");
  writeFileSync(path, archive);
  return withFile(path, fail, async (file) => {
    const zip = await openZip(file, fail);
    const read: (readonly [string, string])[] = [];
    for (const entry of zip.entries.values()) read.push([entry.name, Buffer.from(await zip.read(entry)).toString()]);
    return read;
  });
}

test("an archive that is written has what it was given, each at a multiple of 64 bytes", async () => {
  const read = await entriesOf(bytes);
  expect(read.map(([, content]) => content)).toEqual(contents.map(([, content]) => Buffer.from(content).toString()));
  expect(read.map(([name]) => Buffer.from(name, "latin1").toString())).toEqual(contents.map(([name]) => name));
  expect(bytes.indexOf("first") % 64).toBe(0);
  expect(bytes.indexOf(Uint8Array.of(1, 2, 3)) % 64).toBe(0);
});

test("an archive is refused where it is cut, and read or refused where bytes are wrong", async () => {
  await expectCutsRefused(bytes, entriesOf);
  await expectDamageBorne(bytes, entriesOf, { numRuns: 500 });
});
