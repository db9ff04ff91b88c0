import { type NamedKernel, runNamedKernel } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/**
 * `SgdUpdate` → the new weights, then with momentum the new buffers. Inputs are named by role and number: `weight0`,
 * `gradient0`, `buffer0`, `weight1`, …; one kernel for all of them, so that a GPU is not asked for each.
 */
type SgdUpdateInputs = Readonly<Record<string, tf.Tensor>> & { readonly learningRate: tf.Scalar };

interface SgdUpdateAttributes {
  /** How many weights there are. */
  readonly count: number;
  /** 0: there are no buffers. */
  readonly momentum: number;
  readonly nesterov: boolean;
}

/** One parameter with its gradient and, under momentum, its buffer. */
export interface SgdSlot {
  readonly weight: tf.Variable;
  readonly gradient: tf.Tensor;
  readonly buffer: tf.Variable | undefined;
}

const kernel: NamedKernel<SgdUpdateInputs, SgdUpdateAttributes, tf.Tensor[]> = {
  name: "SgdUpdate",
  composite: (inputs, { count, momentum, nesterov }) => {
    const [weights, buffers]: [tf.Tensor[], tf.Tensor[]] = [[], []];
    for (let i = 0; i < count; i++) {
      const [weight, gradient, buffer] = ["weight", "gradient", "buffer"].map((role) => inputs[`${role}${i}`]);
      let direction = gradient as tf.Tensor;
      if (buffer !== undefined) {
        const moved = tf.add(tf.mul(buffer, momentum), direction);
        buffers.push(moved);
        direction = nesterov ? tf.add(direction, tf.mul(moved, momentum)) : moved;
      }
      weights.push(tf.sub(weight as tf.Tensor, tf.mul(direction, inputs.learningRate)));
    }
    return [...weights, ...buffers];
  },
};

/** Moves all weights and their buffers at once. */
export function updateAll(
  slots: readonly SgdSlot[],
  learningRate: number | tf.Scalar,
  momentum: number,
  nesterov: boolean,
): void {
  tf.tidy(() => {
    const inputs: Record<string, tf.Tensor> = {};
    for (const [i, { weight, gradient, buffer }] of slots.entries()) {
      inputs[`weight${i}`] = weight;
      inputs[`gradient${i}`] = gradient;
      if (buffer !== undefined) inputs[`buffer${i}`] = buffer;
    }
    const rate = typeof learningRate === "number" ? tf.scalar(learningRate) : learningRate;
    const attributes = { count: slots.length, momentum, nesterov };
    const moved = runNamedKernel(kernel, { ...inputs, learningRate: rate } as SgdUpdateInputs, attributes);
    const variables = [...slots.map(({ weight }) => weight), ...slots.flatMap(({ buffer }) => buffer ?? [])];
    for (const [i, variable] of variables.entries()) variable.assign(moved[i] as tf.Tensor);
  });
}
