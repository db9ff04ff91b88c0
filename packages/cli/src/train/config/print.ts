import { Document, isScalar, isSeq, type Node, type Scalar, visit } from "yaml";
import { inImageScale } from "./image-scale";
import { type FieldPath, notes } from "./notes";
import type { TrainConfig } from "./schema";

/** The settings as YAML that `--config` takes back, with a note behind each field. */
export function printConfig(config: TrainConfig): string {
  const document = new Document(config);
  visit(document, {
    Pair(_, { key, value }, ancestors) {
      const parents = ancestors.flatMap((each) => ("key" in each && isScalar(each.key) ? [each.key.value] : []));
      const path = [...parents, (key as Scalar).value].join(".") as FieldPath;
      if (path in notes) (value as Node).comment = ` ${notes[path]}`;
      if (isSeq(value)) value.flow = true;
      if (isScalar(value) && typeof value.value === "number") value.value = inImageScale(path, value.value);
    },
  });
  return document.toString({ flowCollectionPadding: false });
}
