import { type ContractKernel, type Kernels, runNamedKernel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/** One parameter with its gradient and, under momentum, its buffer. */
export interface SgdSlot {
  readonly weight: tf.Variable;
  readonly gradient: tf.Tensor;
  readonly buffer: tf.Variable | undefined;
}

type Inputs = Kernels["SgdUpdate"]["inputs"];

const kernel: ContractKernel<"SgdUpdate"> = { name: "SgdUpdate", composite: moved };

/**
 * Moves all weights and their buffers at once. A momentum in a tensor, which the kernel does not know, goes by ordinary
 * operations.
 */
export function updateAll(
  slots: readonly SgdSlot[],
  learningRate: number | tf.Scalar,
  momentum: number | tf.Scalar,
  nesterov: boolean,
): void {
  tf.tidy(() => {
    const rate = typeof learningRate === "number" ? tf.scalar(learningRate) : learningRate;
    const inputs: Record<string, tf.Tensor> = {};
    for (const [i, { weight, gradient, buffer }] of slots.entries()) {
      inputs[`weight${i}`] = weight;
      inputs[`gradient${i}`] = gradient;
      if (buffer !== undefined) inputs[`buffer${i}`] = buffer;
    }
    const all = { ...inputs, learningRate: rate } as Inputs;
    const count = slots.length;
    const values =
      typeof momentum === "number"
        ? runNamedKernel(kernel, all, { count, momentum, nesterov })
        : moved(all, { count, momentum, nesterov });
    const variables = [...slots.map(({ weight }) => weight), ...slots.flatMap(({ buffer }) => buffer ?? [])];
    for (const [i, variable] of variables.entries()) variable.assign(values[i] as tf.Tensor);
  });
}

function moved(
  inputs: Inputs,
  { count, momentum, nesterov }: { count: number; momentum: number | tf.Scalar; nesterov: boolean },
): tf.Tensor[] {
  const [weights, buffers]: [tf.Tensor[], tf.Tensor[]] = [[], []];
  for (let i = 0; i < count; i++) {
    const [weight, gradient, buffer] = ["weight", "gradient", "buffer"].map((role) => inputs[`${role}${i}`]);
    let direction = gradient as tf.Tensor;
    if (buffer !== undefined) {
      const kept = tf.add(tf.mul(buffer, momentum), direction);
      buffers.push(kept);
      direction = nesterov ? tf.add(direction, tf.mul(kept, momentum)) : kept;
    }
    weights.push(tf.sub(weight as tf.Tensor, tf.mul(direction, inputs.learningRate)));
  }
  return [...weights, ...buffers];
}
