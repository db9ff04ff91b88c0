import type { Parameters } from "@awp/core";
import { requireNonNegative } from "@awp/core/authoring";
import type { Variable } from "@tensorflow/tfjs-core";
import type { Settings } from "./settings";

/** A choice among the parameters: whether weight decay acts on this one. It gives the same answer at every call. */
export type DecayPredicate = (name: string, parameter: Variable) => boolean;

export interface WeightDecayOptions {
  /** The strength λ of weight decay. */
  readonly weightDecay?: number;
  /**
   * Which parameters decay: `decaysKernels`, or for example `(name) => !name.includes("batchnorm")`.
   *
   * @default all of them, batch normalisation and biases included
   */
  readonly decays?: DecayPredicate;
}

/**
 * Parameters of rank above 1: kernels and matrices decay, biases and normalisation layers do not.
 *
 * @example
 * const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4, decays: decaysKernels });
 */
export const decaysKernels: DecayPredicate = (_name, { rank }) => rank > 1;

/** How strongly each parameter decays. */
export interface WeightDecay {
  /** λ of this parameter, 0 where it does not decay. */
  readonly strengthOf: (name: string, parameter: Variable) => number;
  /** Notes which of these parameters do not decay. */
  note(parameters: Parameters): void;
  /** The strength, and `undecayed.NAME` for each noted parameter that does not decay although the strength is above 0. */
  readonly settings: Settings;
}

export function weightDecayOf({ decays = () => true }: WeightDecayOptions, weightDecay: number): WeightDecay {
  requireNonNegative("weightDecay", weightDecay);
  let undecayed: Settings = {};
  const strengthOf = (name: string, parameter: Variable): number => (decays(name, parameter) ? weightDecay : 0);
  return {
    strengthOf,
    note(parameters) {
      if (weightDecay === 0) return;
      const left = [...parameters].filter(([name, parameter]) => strengthOf(name, parameter) === 0);
      undecayed = Object.fromEntries(left.map(([name]) => [`undecayed.${name}`, true]));
    },
    get settings() {
      return { weightDecay, ...undecayed };
    },
  };
}
