import { type Fail, readWhole } from "@awp/core/node";
import { decodeNumpyPickle } from "./numpy/pickled-array";
import { failing } from "./data-error";
import { gathered } from "./gathered";
import { labelledPlanes, type LabelledPlanes, requireClasses } from "./record-fields";

/** Pickled dicts of `data`, `[count, 3072]` as bytes in planes, and of labels. */
interface PythonBatches {
  /** The entry that has the labels. */
  readonly labels: string;
  readonly classes: number;
  /** Advice about a bad file, for the error. */
  readonly advice: string;
}

const layout = { plane: 32 * 32, channels: 3 } as const;

/** Reads the batches of all `paths` in order, the pixels rearranged to `[height, width, channels]`. */
export async function readPythonBatches(
  paths: readonly string[],
  batches: PythonBatches,
): Promise<{ images: Uint8Array; labels: Int32Array }> {
  const parts: LabelledPlanes[] = [];
  for (const path of paths) {
    const fail = failing(path, batches.advice);
    parts.push(decodeBatch(await readWhole(path, fail), batches, fail));
  }
  return gathered(parts, layout);
}

function decodeBatch(bytes: Uint8Array, { labels, classes }: PythonBatches, fail: Fail): LabelledPlanes {
  const batch = labelledPlanes(decodeNumpyPickle(bytes, fail), labels, layout.plane * layout.channels, fail);
  requireClasses(batch.labels, classes, fail);
  return batch;
}
