import { type ContractKernel, type Kernels, runNamedKernel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** One parameter with its gradient and, under momentum, its buffer. */
export interface SgdSlot {
  readonly weight: tf.Variable;
  readonly gradient: tf.Tensor;
  readonly buffer: tf.Variable | undefined;
}

const kernel: ContractKernel<"SgdUpdate"> = {
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
    const moved = runNamedKernel(
      kernel,
      { ...inputs, learningRate: rate } as Kernels["SgdUpdate"]["inputs"],
      attributes,
    );
    const variables = [...slots.map(({ weight }) => weight), ...slots.flatMap(({ buffer }) => buffer ?? [])];
    for (const [i, variable] of variables.entries()) variable.assign(moved[i] as tf.Tensor);
  });
}
