import { requireArgument, requireNonNegative } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { gradientOf, withDecay } from "./gradients";
import type { Optimizer } from "./optimizer";
import { optimizerState } from "./optimizer-state";
import { updateAll } from "./sgd-update";
import { type WeightDecayOptions, weightDecayOf } from "./weight-decay";

export interface SgdOptions extends WeightDecayOptions {
  /** @default 0 */
  readonly momentum?: number;
  /** Looks ahead along the momentum; needs `momentum`. @default false */
  readonly nesterov?: boolean;
  /** Added to the gradient of every parameter that `decays` chooses. @default 0 */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent as PyTorch's: d = g + weightDecay·w, m = momentum·m + d (m = d at first),
 * w = w − learningRate·m, or w − learningRate·(d + momentum·m) with `nesterov`.
 *
 * The momentum of a parameter `name` is called `momentum.name` in `state`. Dispose the optimizer after use.
 *
 * @example
 * const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
 * @throws ArgumentError for an option out of range.
 */
export function sgd({ momentum = 0, nesterov = false, weightDecay = 0, ...groups }: SgdOptions = {}): Optimizer {
  requireNonNegative("momentum", momentum);
  requireArgument(!nesterov || momentum > 0, "nesterov", nesterov, "false, or momentum above 0");
  const decay = weightDecayOf(groups, weightDecay);
  const state = optimizerState();

  const optimizer: Optimizer = {
    get settings() {
      return { momentum, nesterov, ...decay.settings };
    },
    state: state.variables,
    variesMomentum: momentum > 0,
    prepare(parameters) {
      decay.note(parameters);
      if (momentum === 0) return;
      for (const [name, { shape }] of parameters) state.ensure(`momentum.${name}`, shape);
    },
    decay: (parameters, gradients) => withDecay(parameters, gradients, decay.strengthOf),
    update(parameters, gradients, learningRate, given) {
      optimizer.prepare(parameters);
      tf.tidy(() => {
        const slots = [...parameters].map(([name, weight]) => ({
          weight,
          gradient: gradientOf(gradients, name, weight),
          buffer: state.variables.get(`momentum.${name}`),
        }));
        updateAll(slots, learningRate, given ?? momentum, nesterov);
      });
    },
    dispose: state.dispose,
  };
  return optimizer;
}
