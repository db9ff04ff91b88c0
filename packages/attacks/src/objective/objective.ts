import { crossEntropy, klDivergence, type Labels, type Logits, margin } from "@awp/core";
import type { Tensor1D } from "@tensorflow/tfjs-core";

/**
 * What an attack ascends, per example `[batch]`: a differentiable function of the logits, compared either with the
 * labels or with the logits of the clean images, which an attack computes once and holds constant.
 */
export type Objective =
  | { readonly against: "labels"; readonly value: (logits: Logits, labels: Labels) => Tensor1D }
  | { readonly against: "clean"; readonly value: (logits: Logits, clean: Logits) => Tensor1D };

/** `−log softmax(z)_y`: the objective of PGD adversarial training. @see Madry et al., arXiv:1706.06083 */
export function crossEntropyObjective(): Objective {
  return { against: "labels", value: crossEntropy };
}

/** `max_{j≠y} z_j − z_y`: the objective of the CW∞ attack. @see Carlini and Wagner, arXiv:1608.04644 */
export function marginObjective(): Objective {
  return { against: "labels", value: margin };
}

/**
 * `KL(softmax f(x) ‖ softmax f(x'))`: the inner maximization of TRADES.
 *
 * Its gradient is zero at `x' = x`: it wants a random start.
 *
 * @see Zhang et al., arXiv:1901.08573
 */
export function klObjective(): Objective {
  return { against: "clean", value: (logits, clean) => klDivergence(clean, logits) };
}
