import { checksum } from "./checksum";
import { ByteCursor, type Fail } from "../bytes/byte-cursor";
import { latin1 } from "../bytes/text";
import { inflated } from "./inflated";
import { type OpenFile, readPart } from "./open-file";

/** An entry of a zip archive, as the directory at its end describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** An open archive. */
export interface Zip {
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /** The content of an entry, its checksum verified. */
  read(entry: ZipEntry): Promise<Uint8Array>;
}

const signatures = {
  local: 0x04034b50,
  directory: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator: 0x07064b50,
};

/** Bytes of the record at the end without its comment, which has at most 65,535. */
const endSize = 22;
/** Bytes of an entry's own header without its name. */
const localSize = 30;
/** The directory's longest size that is read: archives of arrays have a handful of entries. */
const longestDirectory = 2 ** 24;

const stored = 0;
const deflated = 8;
/** What a field of 32 bits has where the number stands in the zip64 extension. */
const elsewhere = 0xffffffff;

/**
 * The entries of a zip archive, stored or deflated, zip64 too. The directory at the end is taken at its word and what it
 * says is compared with the file.
 *
 * @example
 * const first = await withFile("model.pt", fail, async (file) => {
 *   const zip = await openZip(file, fail);
 *   for (const entry of zip.entries.values()) return zip.read(entry);
 * });
 * @see APPNOTE.TXT, PKWARE
 */
export async function openZip(file: OpenFile, fail: Fail): Promise<Zip> {
  const { size } = await file.stat();
  const bytesAt = async (start: number, length: number): Promise<ByteCursor> => {
    const inside = start >= 0 && start + length <= size;
    if (!inside) fail(`damaged: ${length} bytes wanted at byte ${start} of ${size}`);
    return new ByteCursor(await readPart(file, start, length, fail), fail);
  };
  const { start, length, count } = await findDirectory(size, bytesAt, fail);
  if (length > longestDirectory) fail(`damaged: a directory of ${length} bytes`);
  const entries = readDirectory(await bytesAt(start, length), count, fail);
  requireApart(entries, start, fail);
  return {
    entries,
    read: async ({ name, method, crc, compressedSize, size: entrySize, offset }) => {
      const header = await bytesAt(offset, localSize);
      if (header.u32() !== signatures.local) fail(`damaged: entry ${JSON.stringify(name)} is not where it should be`);
      header.take(22);
      const [nameLength, extraLength] = [header.u16(), header.u16()];
      const { bytes } = await bytesAt(offset + localSize + nameLength + extraLength, compressedSize);
      const content = method === stored ? bytes : await inflated(bytes, { size: entrySize, wrapped: false }, fail);
      if (content.length !== entrySize) fail(`damaged: entry ${JSON.stringify(name)} is stored in another length`);
      if (checksum(content) !== crc) fail(`damaged: the checksum of entry ${JSON.stringify(name)} is wrong`);
      return content;
    },
  };
}

type BytesAt = (start: number, length: number) => Promise<ByteCursor>;

interface Directory {
  readonly start: number;
  readonly length: number;
  readonly count: number;
}

async function findDirectory(size: number, bytesAt: BytesAt, fail: Fail): Promise<Directory> {
  const tailSize = Math.min(size, endSize + 0xffff);
  const { bytes } = await bytesAt(size - tailSize, tailSize);
  const at = endOf(bytes);
  if (at === undefined) return fail("not a zip archive, or cut short");
  const end = new ByteCursor(bytes.subarray(at + 4), fail);
  const [disk, firstDisk, here, count] = [end.u16(), end.u16(), end.u16(), end.u16()];
  const [length, start] = [end.u32(), end.u32()];
  if (count === 0xffff || length === elsewhere || start === elsewhere) {
    return findDirectory64(size - tailSize + at, bytesAt, fail);
  }
  if (disk !== 0 || firstDisk !== 0 || here !== count) fail("an archive in several parts");
  return { start, length, count };
}

/** Where the record at the end begins: its comment must reach to the end of the file. */
function endOf(tail: Uint8Array): number | undefined {
  const view = new DataView(tail.buffer, tail.byteOffset, tail.length);
  for (let at = tail.length - endSize; at >= 0; at--) {
    const matches = view.getUint32(at, true) === signatures.end;
    if (matches && at + endSize + view.getUint16(at + 20, true) === tail.length) return at;
  }
  return undefined;
}

async function findDirectory64(end: number, bytesAt: BytesAt, fail: Fail): Promise<Directory> {
  const locator = await bytesAt(end - 20, 20);
  if (locator.u32() !== signatures.locator) fail("damaged: no zip64 directory");
  locator.take(4);
  const record = await bytesAt(locator.u64(), 56);
  if (record.u32() !== signatures.end64) fail("damaged: no zip64 directory");
  record.take(28);
  const [count, length, start] = [record.u64(), record.u64(), record.u64()];
  return { start, length, count };
}

function readDirectory(cursor: ByteCursor, count: number, fail: Fail): ReadonlyMap<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  while (cursor.remaining > 0) {
    const entry = readDirectoryEntry(cursor, fail);
    if (entries.has(entry.name)) fail(`has two entries ${JSON.stringify(entry.name)}`);
    entries.set(entry.name, entry);
  }
  if (entries.size !== count) fail(`damaged: a directory of ${entries.size} entries, want ${count}`);
  return entries;
}

/** Fails where two entries share bytes, by which a small archive could unpack to a huge one. */
function requireApart(entries: ReadonlyMap<string, ZipEntry>, directory: number, fail: Fail): void {
  let end = directory;
  for (const { name, offset, compressedSize } of [...entries.values()].sort((a, b) => b.offset - a.offset)) {
    if (offset + localSize + compressedSize > end) fail(`damaged: entry ${JSON.stringify(name)} overlaps another`);
    end = offset;
  }
}

function readDirectoryEntry(cursor: ByteCursor, fail: Fail): ZipEntry {
  if (cursor.u32() !== signatures.directory) fail("damaged: the directory has something that is no entry");
  cursor.take(4);
  const [flags, method] = [cursor.u16(), cursor.u16()];
  cursor.take(4);
  const crc = cursor.u32();
  const [compressed, size] = [cursor.u32(), cursor.u32()];
  const [nameLength, extraLength, commentLength] = [cursor.u16(), cursor.u16(), cursor.u16()];
  cursor.take(8);
  const start = cursor.u32();
  const name = latin1(cursor.take(nameLength));
  const extra = new ByteCursor(cursor.take(extraLength), fail);
  cursor.take(commentLength);
  if ((flags & 1) !== 0) fail(`entry ${JSON.stringify(name)} is encrypted`);
  if (method !== stored && method !== deflated) {
    fail(`entry ${JSON.stringify(name)} is compressed by method ${method}, want 0 or 8`);
  }
  const long = zip64(extra);
  const number = (short: number): number => (short === elsewhere && long !== undefined ? long.u64() : short);
  const whole = number(size);
  return { name, method, crc, size: whole, compressedSize: number(compressed), offset: number(start) };
}

/** The numbers of the zip64 extension, in the order size, compressed size, offset; those that are needed are there. */
function zip64(extra: ByteCursor): ByteCursor | undefined {
  while (extra.remaining >= 4) {
    const [kind, length] = [extra.u16(), extra.u16()];
    const content = extra.take(length);
    if (kind === 1) return new ByteCursor(content, extra.fail);
  }
  return undefined;
}
