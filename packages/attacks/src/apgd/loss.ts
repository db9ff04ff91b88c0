import { crossEntropy, dlr, type Labels, type Logits, targetedDlr } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/** What APGD ascends; the targeted ones lead to a class. */
export type ApgdLoss = "ce" | "dlr" | "targeted-ce" | "targeted-dlr";

interface LossOnLogits {
  readonly targeted: boolean;
  /** Per example, `[batch]`. */
  readonly value: (logits: Logits, labels: Labels, targets: Labels) => Tensor1D;
}

export const apgdLosses: Readonly<Record<ApgdLoss, LossOnLogits>> = {
  ce: { targeted: false, value: crossEntropy },
  dlr: { targeted: false, value: dlr },
  "targeted-ce": { targeted: true, value: (logits, _labels, targets) => tf.neg(crossEntropy(logits, targets)) },
  "targeted-dlr": { targeted: true, value: targetedDlr },
};
