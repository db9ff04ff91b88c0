import { AwpError } from "../error";
import { duplicateKey } from "./json-keys";
import { metadataName, type StoredTensor, type StoredType, storedArrays } from "./safetensors";

/** The content of a safetensors file: tensors in the order of their bytes, and text about the file. */
export interface Safetensors {
  readonly entries: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Place {
  readonly name: string;
  readonly dtype: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** The format's own limit, so that a wrong length does not become a huge allocation. */
const longestHeader = 100_000_000;

/**
 * Reads the bytes of a safetensors file. The tensors' data are views of `bytes` where they are aligned, else copies.
 *
 * @example
 * const { entries, metadata } = decodeSafetensors(await readFile("model.safetensors"), "model.safetensors");
 * assignEntries(network, entries, "model.safetensors");
 * @throws AwpError that names `source` and the entry for anything that is not a whole and consistent file.
 */
export function decodeSafetensors(bytes: Uint8Array, source = "safetensors"): Safetensors {
  const fail: Fail = (problem) => {
    throw new AwpError(`${source}: ${problem}`);
  };
  const { header, start } = readHeader(bytes, fail);
  const { [metadataName]: metadata = {}, ...described } = header;
  if (!isRecord(metadata) || !Object.values(metadata).every((text) => typeof text === "string")) {
    fail(`${metadataName} is not a map of texts`);
  }
  const places = Object.entries(described).map(([name, value]) => readPlace(name, value, fail));
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  requireTiling(places, bytes.length - start, fail);
  return {
    entries: new Map(places.map((place) => [place.name, view(bytes, start, place)])),
    metadata: metadata as Record<string, string>,
  };
}

type Fail = (problem: string) => never;

function readHeader(bytes: Uint8Array, fail: Fail): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) fail(`${bytes.length} bytes are too few for a safetensors file`);
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader) fail(`a header of ${length} bytes; is this a safetensors file?`);
  const start = 8 + length;
  if (start > bytes.length) fail(`truncated: a header of ${length} bytes in a file of ${bytes.length}`);

  let header: unknown;
  let repeated: string | undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, start));
    header = JSON.parse(text);
    repeated = duplicateKey(text);
  } catch (error) {
    fail(`the header is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isRecord(header)) return fail("the header is not a JSON object");
  if (repeated !== undefined) fail(`the header names ${quoted(repeated)} twice`);
  return { header, start };
}

function readPlace(name: string, value: unknown, fail: Fail): Place {
  const entry = `entry ${quoted(name)}`;
  if (!isRecord(value)) return fail(`${entry} is not described by a JSON object`);
  const { dtype, shape, data_offsets: range } = value;
  if (typeof dtype !== "string" || !Object.hasOwn(storedArrays, dtype)) {
    return fail(`${entry} has dtype ${quoted(dtype)}, want one of ${Object.keys(storedArrays).join(", ")}`);
  }
  if (!isSizes(shape)) return fail(`${entry} has shape ${quoted(shape)}, want integers, not negative`);
  if (!isSizes(range) || range.length !== 2) {
    return fail(`${entry} has data_offsets ${quoted(range)}, want two integers, not negative`);
  }
  const [begin = 0, end = 0] = range;
  const type = dtype as StoredType;
  const size = shape.reduce((product, axis) => product * axis, storedArrays[type].BYTES_PER_ELEMENT);
  if (end - begin !== size) fail(`${entry} has ${end - begin} bytes, want ${size} for ${type} ${quoted(shape)}`);
  return { name, dtype: type, shape, begin, end };
}

/** Fails unless the entries cover the data from its first byte to its last, each byte once. */
function requireTiling(places: readonly Place[], length: number, fail: Fail): void {
  let covered = 0;
  for (const { name, begin, end } of places) {
    if (end > length) fail(`truncated: entry ${quoted(name)} ends at byte ${end} of ${length}`);
    if (begin < covered) fail(`entry ${quoted(name)} begins at byte ${begin}, inside the entry before it`);
    if (begin > covered) fail(`bytes ${covered} to ${begin} belong to no entry, before ${quoted(name)}`);
    covered = end;
  }
  if (covered !== length) fail(`${length - covered} bytes follow the last entry`);
}

function view(bytes: Uint8Array, start: number, { dtype, shape, begin, end }: Place): StoredTensor {
  const array = storedArrays[dtype];
  const stored = bytes.subarray(start + begin, start + end);
  // A Buffer's own slice would be the same memory again.
  const aligned = stored.byteOffset % array.BYTES_PER_ELEMENT === 0 ? stored : Uint8Array.from(stored);
  const data = new array(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / array.BYTES_PER_ELEMENT,
  );
  return { dtype, shape, data } as StoredTensor;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
