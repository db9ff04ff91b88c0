import { readFile, stat } from "node:fs/promises";
import { DataError } from "./data-error";
import { interleave } from "./planes";

/** A record of the CIFAR binary files: label bytes, then the red, green and blue planes of 32 × 32 bytes. */
export interface RecordLayout {
  readonly labelBytes: number;
  /** The index of the label byte to read. */
  readonly labelByte: number;
  readonly classes: number;
  /** Advice about a bad file, for the error. */
  readonly advice: string;
}

const plane = 32 * 32;
const channels = 3;

/** Reads the records of all `paths` in order, the pixels rearranged to `[height, width, channels]`. */
export async function readRecords(
  paths: readonly string[],
  layout: RecordLayout,
): Promise<{ images: Uint8Array; labels: Uint8Array }> {
  const counts = await Promise.all(paths.map((path) => recordCount(path, layout)));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * plane * channels);
  const labels = new Uint8Array(total);
  let first = 0;
  for (const [file, path] of paths.entries()) {
    const count = counts[file] as number;
    const bytes = await readFile(path);
    if (bytes.length !== count * recordSize(layout))
      throw new DataError(path, "changed while it was read", "try again");
    for (let record = 0; record < count; record++) {
      const start = record * recordSize(layout);
      const label = bytes[start + layout.labelByte] as number;
      if (label >= layout.classes) {
        const problem = `record ${record} has label ${label}, want 0 to ${layout.classes - 1}`;
        throw new DataError(path, problem, layout.advice);
      }
      labels[first + record] = label;
      interleave(bytes, start + layout.labelBytes, images, (first + record) * plane * channels, { plane, channels });
    }
    first += count;
  }
  return { images, labels };
}

async function recordCount(path: string, layout: RecordLayout): Promise<number> {
  const { size } = await stat(path);
  if (size === 0) throw new DataError(path, "the file is empty", layout.advice);
  const rest = size % recordSize(layout);
  if (rest === 0) return size / recordSize(layout);
  const whole = (size - rest) / recordSize(layout);
  const problem = `${size} bytes are not whole records of ${recordSize(layout)} bytes (${whole} and ${rest} bytes)`;
  throw new DataError(path, problem, layout.advice);
}

function recordSize({ labelBytes }: RecordLayout): number {
  return labelBytes + plane * channels;
}
