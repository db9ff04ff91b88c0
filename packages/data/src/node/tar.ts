/** A regular file of a tar archive. */
export interface TarFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const block = 512;

/**
 * The regular files of an uncompressed tar archive (ustar), one at a time.
 *
 * @throws Error if the bytes are no tar archive or end inside an entry
 */
export async function* tarFiles(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile, void> {
  const read = reader(chunks);
  for (;;) {
    const header = await read(block);
    if (header === undefined) return;
    if (header.every((byte) => byte === 0)) continue;
    if (octal(header, 148, 8) !== checksum(header)) throw new Error("not a tar archive: a header's checksum is wrong");
    const size = octal(header, 124, 12);
    const content = size === 0 ? new Uint8Array() : await read(Math.ceil(size / block) * block);
    if (content === undefined) throw new Error("the tar archive ends inside an entry");
    const prefix = text(header, 345, 155);
    const name = prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
    const kind = text(header, 156, 1);
    if (kind === "0" || kind === "") yield { name, content: content.subarray(0, size) };
  }
}

/** A function that returns the next `length` bytes, or undefined where the chunks end before the first of them. */
function reader(chunks: AsyncIterable<Uint8Array>): (length: number) => Promise<Uint8Array | undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return async (length) => {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (rest.length === 0) {
        const next = await iterator.next();
        if (next.done === true) {
          if (filled === 0) return undefined;
          throw new Error("the tar archive ends inside an entry");
        }
        rest = next.value;
      }
      const part = rest.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return bytes;
  };
}

/** The sum of the header's bytes, its checksum field read as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 0x20 : byte), 0);
}

function text(header: Uint8Array, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString("utf8");
}

function octal(header: Uint8Array, start: number, length: number): number {
  return Number.parseInt(text(header, start, length).trim(), 8);
}
