import type { Loss, LossGradients, Parameters, ProcessGroup } from "@awp/core";
import { lossInParts } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";

/**
 * The mean loss over the rows of all ranks, from the sum over this rank's own: sum of sums by sum of rows, so that ranks
 * may have different numbers of rows. Loss, rows and the gradients of the parameters go in one reduction; what else it is
 * differentiated by, images for example, is this rank's own.
 */
export function lossAcross(group: ProcessGroup, parameters: Parameters, sum: Loss, rows: number): Loss {
  const whole = (): Scalar =>
    tf.tidy(() => {
      const [loss, count] = group.allReduce([sum(), tf.scalar(rows)], "loss") as [Scalar, Scalar];
      return tf.div(loss, count);
    });
  const { below } = sum;
  const loss = Object.assign(whole, {
    ...(below && { below: (threshold: number) => lossAcross(group, parameters, below(threshold), rows) }),
    distributed: { own: sum, reduce: (own: LossGradients) => reduced(group, parameters, own, rows) },
  });
  ownMeans.set(loss, () => meanOf(sum, rows));
  return loss;
}

const ownMeans = new WeakMap<Loss, () => Loss>();

/** The mean over this rank's own rows, of a loss that {@link lossAcross} made; any other loss as it is. */
export function ownMean(loss: Loss): Loss {
  return ownMeans.get(loss)?.() ?? loss;
}

function meanOf(sum: Loss, rows: number): Loss {
  const { parts = [sum], below } = sum;
  const mean = lossInParts(parts.map((part) => () => tf.tidy(() => tf.div<Scalar>(part(), rows))));
  return Object.assign(mean, below && { below: (threshold: number) => meanOf(below(threshold), rows) });
}

function reduced(group: ProcessGroup, parameters: Parameters, own: LossGradients, rows: number): LossGradients {
  const names = [...own.gradients.keys()];
  const [loss, ...gradients] = tf.tidy(() => {
    const common = names.filter((name) => parameters.has(name));
    const addends = common.map((name) => own.gradients.get(name) as Tensor);
    const [sum, count, ...sums] = group.allReduce([own.loss, tf.scalar(rows), ...addends], "gradients") as [
      Scalar,
      Scalar,
      ...Tensor[],
    ];
    const of = new Map([...own.gradients, ...common.map((name, index) => [name, sums[index] as Tensor] as const)]);
    return [sum, ...names.map((name) => of.get(name) as Tensor)].map((each) => tf.div(each, count));
  });
  return { loss: loss as Scalar, gradients: new Map(names.map((name, index) => [name, gradients[index] as Tensor])) };
}
