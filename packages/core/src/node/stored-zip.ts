import { checksum } from "./checksum";

/** Where the content of each entry begins: at a multiple of it, so that a reader may map the file to memory. */
const alignment = 64;

/** What the short fields have, whose numbers stand in the zip64 extension: archives of any size have one form. */
const elsewhere = 0xffffffff;

/** A file is of the format's first day, so that the same content gives the same bytes. */
const firstDay = 0x21;

const utf8Names = 0x0800;
const version = 45;

/**
 * The parts of a zip archive of entries that are stored as they are, without compression. The same entries give the same
 * bytes; content is given on, not copied.
 *
 * @example
 * const parts = storedZip([["version", new TextEncoder().encode("3\n")]]);
 * await writeWhole("archive.zip", parts);
 * @see APPNOTE.TXT, PKWARE
 */
export function* storedZip(entries: Iterable<readonly [name: string, content: Uint8Array]>): Generator<Uint8Array> {
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const nameBytes = Buffer.from(name, "utf8");
    const described = fields(
      ...[u16(version), u16(utf8Names), u16(0), u16(0), u16(firstDay)],
      ...[u32(checksum(content)), u32(elsewhere), u32(elsewhere), u16(nameBytes.length)],
    );
    const sizes = fields(u64(content.length), u64(content.length));
    const before = offset + 30 + nameBytes.length + 20 + 4;
    const padding = -before & (alignment - 1);
    const header = fields(
      ...[u32(0x04034b50), described, u16(20 + 4 + padding), nameBytes],
      ...[u16(1), u16(16), sizes, u16(paddingKind), u16(padding), Buffer.alloc(padding)],
    );
    const extra = fields(u16(1), u16(24), sizes, u64(offset));
    directory.push(
      fields(
        ...[u32(0x02014b50), u16(version), described, u16(extra.length)],
        ...[u16(0), u16(0), u16(0), u32(0), u32(elsewhere), nameBytes, extra],
      ),
    );
    yield header;
    yield content;
    offset += header.length + content.length;
  }
  const listed = Buffer.concat(directory);
  yield listed;
  yield ending(directory.length, listed.length, offset);
}

/** An extension of no meaning that holds the padding, as PyTorch marks it. */
const paddingKind = 0x4246;

/** The records at the end: of zip64, where that is, and the old one, which points there. */
function ending(count: number, length: number, start: number): Uint8Array {
  return fields(
    ...[u32(0x06064b50), u64(44), u16(version), u16(version), u32(0), u32(0)],
    ...[u64(count), u64(count), u64(length), u64(start)],
    ...[u32(0x07064b50), u32(0), u64(start + length), u32(1)],
    ...[u32(0x06054b50), u16(0), u16(0), u16(0xffff), u16(0xffff), u32(elsewhere), u32(elsewhere), u16(0)],
  );
}

function fields(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

function u16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
