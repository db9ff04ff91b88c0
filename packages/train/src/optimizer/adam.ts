import { requireArgument, requireNonNegative } from "@awp/core/authoring";
import type { Scalar, Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { gradientOf, withDecay } from "./gradients";
import { isMomentum } from "./momentum";
import type { Optimizer } from "./optimizer";
import { optimizerState } from "./optimizer-state";
import { type WeightDecayOptions, weightDecayOf } from "./weight-decay";

export interface AdamOptions extends WeightDecayOptions {
  /** Shares of the first and of the second moment that are kept at each step. @default [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** Added to the root of the second moment. @default 1e-8 */
  readonly epsilon?: number;
  /** @default 0 for `adam`, 0.01 for `adamW` */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma, Ba 2015, arXiv:1412.6980) as PyTorch's: m = β1·m + (1 − β1)·g, s = β2·s + (1 − β2)·g²,
 * w = w − learningRate · m/(1 − β1ᵗ) / (√(s/(1 − β2ᵗ)) + epsilon), g with weightDecay·w added to it.
 *
 * Of a parameter `name`, `state` has `firstMoment.name` and `secondMoment.name`; the number of steps t is its scalar
 * `step`, so that a recorded step counts on. A step's momentum takes the place of β1. Dispose the optimizer after use.
 *
 * @example
 * const optimizer = adam({ weightDecay: 5e-4 });
 * @throws ArgumentError for an option out of range.
 */
export function adam({ weightDecay = 0, ...options }: AdamOptions = {}): Optimizer {
  return adamBy("adam", { weightDecay, ...options });
}

/**
 * AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101) as PyTorch's: {@link adam} with decay beside the gradient and not in
 * it. First w = w − learningRate·weightDecay·w, then Adam's step.
 *
 * Under a weight attack the weights are w again, bit for bit, when they decay: the decay is that of w, whatever `decayAt`
 * says. Code that steps at w + v and subtracts v afterwards, as the reference of AWP does, would leave
 * −learningRate·weightDecay·v in the weights.
 *
 * @example
 * const optimizer = adamW({ weightDecay: 0.05, decays: decaysKernels });
 * @throws ArgumentError for an option out of range.
 */
export function adamW({ weightDecay = 0.01, ...options }: AdamOptions = {}): Optimizer {
  return adamBy("adamW", { weightDecay, ...options });
}

function adamBy(name: "adam" | "adamW", options: AdamOptions & { readonly weightDecay: number }): Optimizer {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay } = options;
  const usable = betas.length === 2 && betas.every(isMomentum);
  requireArgument(usable, "betas", betas, "two numbers from 0 to below 1");
  requireNonNegative("epsilon", epsilon);
  const decay = weightDecayOf(options, weightDecay);
  const decoupled = name === "adamW";
  const state = optimizerState();

  const optimizer: Optimizer = {
    get settings() {
      return { optimizer: name, beta1: betas[0], beta2: betas[1], epsilon, ...decay.settings };
    },
    state: state.variables,
    variesMomentum: true,
    prepare(parameters) {
      decay.note(parameters);
      state.ensure("step", []);
      for (const [each, { shape }] of parameters) {
        state.ensure(`firstMoment.${each}`, shape);
        state.ensure(`secondMoment.${each}`, shape);
      }
    },
    decay: (parameters, gradients) => withDecay(parameters, gradients, decoupled ? () => 0 : decay.strengthOf),
    update(parameters, gradients, learningRate, momentum) {
      optimizer.prepare(parameters);
      tf.tidy(() => {
        const rate = typeof learningRate === "number" ? tf.scalar(learningRate) : learningRate;
        const [first, second] = [momentum ?? betas[0], betas[1]];
        const step = state.of("step") as Scalar & Variable;
        step.assign(tf.add(step, 1));
        const [weightOfFirst, rootOfSecond] = [movedShare(first, step), tf.sqrt(movedShare(second, step))];
        const stepSize = tf.div(rate, weightOfFirst);
        for (const [each, weight] of parameters) {
          tf.tidy(() => {
            const gradient = gradientOf(gradients, each, weight);
            const [m, s] = [state.of(`firstMoment.${each}`), state.of(`secondMoment.${each}`)];
            m.assign(tf.add(tf.mul(m, first), tf.mul(gradient, tf.sub(1, first))));
            s.assign(tf.add(tf.mul(s, second), tf.mul(tf.square(gradient), 1 - second)));
            const strength = decoupled ? decay.strengthOf(each, weight) : 0;
            const decayed = strength === 0 ? weight : tf.sub(weight, tf.mul(weight, tf.mul(rate, strength)));
            const scale = tf.add(tf.div(tf.sqrt(s), rootOfSecond), epsilon);
            weight.assign(tf.sub(decayed, tf.div(tf.mul(m, stepSize), scale)));
          });
        }
      });
    },
    dispose: state.dispose,
  };
  return optimizer;
}

/** 1 − βᵗ, exact where β is close to 1: a moment that began at 0 has moved so far towards what it averages. */
function movedShare(beta: number | Scalar, step: Scalar): Scalar {
  return tf.neg(tf.expm1(tf.mul<Scalar>(step, typeof beta === "number" ? Math.log(beta) : tf.log(beta))));
}
