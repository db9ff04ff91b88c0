import type { NamedTensors, Parameters } from "@awp/core";
import { requireArgument, requireNonNegative } from "@awp/core/authoring";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import type { Optimizer } from "./optimizer";
import { updateAll } from "./sgd-update";

export interface SgdOptions {
  /** @default 0 */
  readonly momentum?: number;
  /** Looks ahead along the momentum; needs `momentum`. @default false */
  readonly nesterov?: boolean;
  /** Added to the gradient of every parameter, batch normalisation and biases included. @default 0 */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent as PyTorch's: d = g + weightDecay·w, m = momentum·m + d (m = d at first),
 * w = w − learningRate·m, or w − learningRate·(d + momentum·m) with `nesterov`.
 *
 * The momentum of a parameter `name` is called `momentum.name` in `state`. Dispose the optimizer after use.
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimizer {
  requireNonNegative("momentum", momentum);
  requireNonNegative("weightDecay", weightDecay);
  requireArgument(!nesterov || momentum > 0, "nesterov", nesterov, "false, or momentum above 0");

  const state = new Map<string, Variable>();

  function prepare(parameters: Parameters): void {
    if (momentum === 0) return;
    for (const [name, weight] of parameters) {
      const key = `momentum.${name}`;
      if (state.has(key)) continue;
      const buffer = tf.tidy(() => tf.variable(tf.zerosLike(weight), false));
      state.set(key, buffer);
    }
  }

  return {
    settings: { momentum, nesterov, weightDecay },
    state,
    prepare,
    decay: (parameters, gradients) =>
      new Map(
        [...parameters].map(([name, weight]) => [
          name,
          tf.tidy(() => {
            const gradient = gradientOf(gradients, name, weight);
            return weightDecay === 0 ? tf.clone(gradient) : tf.add(gradient, tf.mul(weight, weightDecay));
          }),
        ]),
      ),
    update(parameters, gradients, learningRate) {
      prepare(parameters);
      tf.tidy(() => {
        const slots = [...parameters].map(([name, weight]) => ({
          weight,
          gradient: gradientOf(gradients, name, weight),
          buffer: state.get(`momentum.${name}`),
        }));
        updateAll(slots, learningRate, momentum, nesterov);
      });
    },
    dispose() {
      for (const buffer of state.values()) buffer.dispose();
      state.clear();
    },
  };
}

function gradientOf(gradients: NamedTensors, name: string, weight: Variable): Tensor {
  return gradients.get(name) ?? tf.zerosLike(weight);
}
