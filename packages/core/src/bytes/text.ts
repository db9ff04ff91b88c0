import type { Fail } from "./byte-cursor";

/** Bytes as characters 0 to 255. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  // In parts, because a call takes a limited number of arguments.
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** The text of UTF-8 bytes; anything else fails. */
export function utf8(bytes: Uint8Array, fail: Fail): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return fail(`${bytes.length} bytes of text are not UTF-8`);
  }
}
