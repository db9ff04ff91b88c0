import { requireArgument } from "@awp/core/authoring";
import type { Dataset } from "./dataset";

/** Classes for some examples of a data set, by their indices; −1 for none. */
export interface NewLabels {
  readonly indices: ArrayLike<number>;
  readonly classes: ArrayLike<number>;
}

/**
 * The same images with other labels: those given, and none (−1) where none is given. The pixels are shared. It takes
 * what `predictions` of `@awp/attacks` finds, for pseudo-labels by a trained network.
 *
 * @example
 * const found = await drain(predictions({ classifier, batches: batches(unlabelled, { batchSize: 256 }) }));
 * const pseudoLabelled = relabelled(unlabelled, found);
 * @throws ArgumentError if the lists differ in length, an index is not of `dataset`, or a label has no class name
 */
export function relabelled(dataset: Dataset, { indices, classes }: NewLabels): Dataset {
  const { length } = classes;
  requireArgument(indices.length === length, "indices", indices.length, `${length}, one for each class`);
  const known = new Set(dataset.indices);
  const count = dataset.classNames.length;
  const labels = new Int32Array(dataset.labels.length).fill(-1);
  for (let place = 0; place < length; place++) {
    const [row, label] = [indices[place] as number, classes[place] as number];
    requireArgument(known.has(row), "indices", row, "indices of the data set's examples");
    const named = Number.isInteger(label) && label >= -1 && label < count;
    requireArgument(named, "classes", label, `classes from 0 to ${count - 1}, or -1 for none`);
    labels[row] = label;
  }
  return { ...dataset, labels };
}
