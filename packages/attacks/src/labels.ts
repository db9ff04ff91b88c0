import { type Labels, requireArgument } from "@awp/core";

/** Throws an `ArgumentError` unless `labels` are int32 classes, one for each image of a batch. */
export function requireLabels(argument: string, labels: Labels, batch: number): void {
  requireArgument(labels.dtype === "int32", argument, labels.dtype, "classes of dtype int32");
  requireArgument(
    labels.rank === 1 && labels.shape[0] === batch,
    argument,
    labels.shape,
    `a class for each image, [${batch}]`,
  );
}
