import type { ByteCursor, Fail } from "../bytes/byte-cursor";

/** Bytes of the longest integer; real ones have 8, and the time to read one grows with its square. */
const longestInteger = 256;

/** The integer of protocol 0 in a line; `00` and `01` are its booleans. */
export function integer(line: string, fail: Fail): number | bigint | boolean {
  if (line === "00") return false;
  if (line === "01") return true;
  if (line.length > longestInteger || !/^-?\d+$/.test(line)) fail("not a pickle: a line that is no integer");
  return narrowed(BigInt(line));
}

/** The number of protocol 0 in a line. */
export function float(line: string, fail: Fail): number {
  if (line === "nan") return Number.NaN;
  if (line === "inf" || line === "-inf") return Number(line.replace("inf", "Infinity"));
  if (!/^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(line)) fail("not a pickle: a line that is no number");
  return Number(line);
}

/** The little-endian integer, in two's complement, of the next `length` bytes. */
export function fromTwosComplement(cursor: ByteCursor, length: number): number | bigint {
  if (length > longestInteger) cursor.fail(`an integer of ${length} bytes`);
  let value = 0n;
  const bytes = cursor.take(length);
  for (let at = length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at] as number);
  return narrowed(BigInt.asIntN(8 * length, value));
}

/** The bytes of a string that Python 2 wrote with quotes and escapes. */
export function unquoted(line: string, fail: Fail): Uint8Array {
  const [, , content] = /^(['"])(.*)\1$/s.exec(line) ?? fail("not a pickle: a string without quotes");
  const escapes = /\\(x[0-9a-f]{2}|[0-7]{1,3}|.|$)/gis;
  const text = (content as string).replace(escapes, (_, escape: string) => {
    if (/^x./i.test(escape)) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(Number.parseInt(escape, 8) & 0xff);
    return simpleEscapes[escape] ?? fail("not a pickle: a string with an unknown escape");
  });
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

const simpleEscapes: Readonly<Record<string, string>> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** The text of protocol 0: characters of Latin-1, others as `\uXXXX` and `\UXXXXXXXX`. */
export function rawUnicode(line: string, fail: Fail): string {
  return line.replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g, (_, short?: string, long?: string) => {
    const point = Number.parseInt((short ?? long) as string, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : fail("not a pickle: a character beyond Unicode");
  });
}

function narrowed(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
