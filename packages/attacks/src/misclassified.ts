import { correct, type Labels, type Logits } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** 1 where the largest logit is not the label's, else 0; `[batch]`, int32. */
export function misclassified(logits: Logits, labels: Labels): Tensor1D {
  return tf.sub(tf.scalar(1, "int32"), correct(logits, labels));
}
