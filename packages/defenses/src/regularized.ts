import type { Defense, Parameters } from "@awp/core";
import { requireNonNegative, sign } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Tensor1D, Variable } from "@tensorflow/tfjs-core";

export interface RegularizedOptions {
  /** The weight of Σ|w|. @default 0 */
  readonly l1?: number;
  /** The weight of Σw². @default 0 */
  readonly l2?: number;
  /** Which parameters are meant. @default those of rank 2 and more: neither biases nor batch normalisation */
  readonly predicate?: (name: string, parameter: Variable) => boolean;
  /** Whether a weight attack climbs the penalty too. In AWP's reference implementation it does not. @default false */
  readonly inWeightAttack?: boolean;
}

/**
 * A defense with `l1 · Σ|w| + l2 · Σw²` added to the loss of each example, and so to their mean. Where |w| has no slope,
 * at 0, it counts as 0.
 *
 * The gradient of the penalty is taken where that of the loss is, under a weight attack at w + v. Weight decay d of an
 * optimizer without decoupling is `l2: d / 2`.
 *
 * @example
 * const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 });
 * const defense = regularized(adversarialTraining({ attack }), { l1: 5e-6 });
 * @throws ArgumentError for a weight that is negative or not finite.
 */
export function regularized(defense: Defense, options: RegularizedOptions): Defense {
  const { l1 = 0, l2 = 0, predicate = (_name, { rank }) => rank > 1, inWeightAttack = false } = options;
  requireNonNegative("l1", l1);
  requireNonNegative("l2", l2);

  function penalty(parameters: Parameters): Scalar {
    const meant = [...parameters].filter(([name, parameter]) => predicate(name, parameter)).map(([, each]) => each);
    const terms = meant.flatMap((w) => [
      ...(l1 > 0 ? [tf.mul(tf.sum(magnitude(w)), l1)] : []),
      ...(l2 > 0 ? [tf.mul(tf.sum(tf.square(w)), l2)] : []),
    ]);
    return terms.reduce<Tensor>((sum, term) => tf.add(sum, term), tf.scalar(0)) as Scalar;
  }

  return {
    ...defense,
    loss: (network, batch, adversarial, mode) =>
      tf.tidy(() => {
        const losses = defense.loss(network, batch, adversarial, mode);
        const penalized = mode === "train" || inWeightAttack;
        return penalized ? tf.add<Tensor1D>(losses, penalty(network.parameters)) : losses;
      }),
  };
}

/** |w| with slope 0 at 0, where that of `tf.abs` is −1. */
function magnitude(w: Variable): Tensor {
  const absolute = tf.customGrad((...args) => {
    const [given, save] = args as unknown as [Tensor, (tensors: Tensor[]) => void];
    save([given]);
    return {
      value: tf.abs(given),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, sign(saved[0] as Tensor)),
    };
  });
  return absolute(w);
}
