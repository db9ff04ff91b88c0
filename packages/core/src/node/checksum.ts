import { crc32 } from "node:zlib";

/** What zlib counts in one call at most. */
const part = 2 ** 30;

/** The checksum of zip archives, CRC-32 of IEEE 802.3, of bytes of any length. */
export function checksum(bytes: Uint8Array): number {
  let word = 0;
  for (let at = 0; at < bytes.length; at += part) word = crc32(bytes.subarray(at, at + part), word);
  return word;
}
