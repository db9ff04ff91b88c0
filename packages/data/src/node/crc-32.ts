const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit++) word = (word >>> 1) ^ (word & 1 ? 0xedb88320 : 0);
  return word;
});

/** The checksum of zip archives: CRC-32 of IEEE 802.3 (`node:zlib` has it from Node 22 on). */
export function crc32(bytes: Uint8Array): number {
  let word = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    word = (word >>> 8) ^ (table[(word ^ (bytes[at] as number)) & 0xff] as number);
  }
  return ~word >>> 0;
}
