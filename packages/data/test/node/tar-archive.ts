import { gzipSync } from "node:zlib";

/** A ustar archive of regular files, its folder's own entry first, as `tar` makes it. */
export function tarArchive(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const entries = Object.entries(files).map(([name, content]) => entry(name, content, "0"));
  return Buffer.concat([entry("folder/", new Uint8Array(), "5"), ...entries, Buffer.alloc(1024)]);
}

export function tarGz(files: Readonly<Record<string, Uint8Array>>): Buffer {
  return gzipSync(tarArchive(files));
}

function entry(name: string, content: Uint8Array, kind: string): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write(kind, 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}
