import fc from "fast-check";
import { expect, test } from "vitest";
import { type TarFile, tarFiles } from "../../src/node/tar";
import { tarArchive } from "./tar-archive";

async function* pieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}

async function read(bytes: Uint8Array, length = 10_000): Promise<TarFile[]> {
  const files: TarFile[] = [];
  for await (const file of tarFiles(pieces(bytes, length))) files.push(file);
  return files;
}

test("tarFiles gives back files of any length from pieces of any length", async () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 1500 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(contents, fc.integer({ min: 1, max: 3000 }), async (all, length) => {
      const named = all.map((content, i) => [`folder/${i}.bin`, content] as const);
      const files = await read(tarArchive(Object.fromEntries(named)), length);
      expect(files.map(({ name, content }) => [name, [...content]])).toEqual(named.map(([name, c]) => [name, [...c]]));
    }),
    { numRuns: 50 },
  );
});

test("tarFiles refuses an archive that is cut short or is none", async () => {
  const archive = tarArchive({ "folder/a.bin": new Uint8Array(700).fill(1) });
  await expect(read(archive.subarray(0, 512 + 512 + 600))).rejects.toThrow(/ends inside an entry/);
  await expect(read(archive.subarray(0, 512 + 512))).rejects.toThrow(/ends inside an entry/);
  await expect(read(archive.subarray(0, 700))).rejects.toThrow(/ends inside an entry/);
  await expect(read(Buffer.from("<html>".repeat(200)))).rejects.toThrow(/not a tar archive/);
});
