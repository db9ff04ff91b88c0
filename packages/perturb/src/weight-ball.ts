import type { Parameters } from "@awp/core";
import { requireArgument, requireChoice, requireNonNegativeScalar } from "@awp/core/authoring";
import type { Scalar, Variable } from "@tensorflow/tfjs-core";
import type { Scaling } from "./group-norm";

/**
 * A length relative to the norm of the weights: one for all layers, or a function that gives each layer its own. A scalar
 * tensor or variable lets it change in a recorded step; a function is asked while the step is recorded, and not again.
 */
export type RelativeLength = number | Scalar | ((name: string, parameter: Variable) => number | Scalar);

/** Which parameters take part. */
export type ParameterPredicate = (name: string, parameter: Variable) => boolean;

/**
 * The ball around the weights in which a perturbation lies: `‖v‖ ≤ gamma · ‖w‖` for each group that `scaling` names, and
 * `|v| ≤ relativeBox · |w|` for each entry.
 */
export interface WeightBall {
  /**
   * Radius relative to the norm of the weights. A layer whose gamma is 0 stays where it is; a gamma for each layer needs
   * the scaling `"layer"` or `"filter"`.
   */
  readonly gamma: RelativeLength;
  /** @default "layer" */
  readonly scaling?: Scaling;
  /** Bound of each entry relative to its own weight. @default none */
  readonly relativeBox?: number | Scalar;
  /** Which parameters move. @default those of rank > 1: kernels, neither biases nor normalisation layers */
  readonly predicate?: ParameterPredicate;
}

/** A length for each parameter, by name. */
export type RelativeLengths = ReadonlyMap<string, number | Scalar>;

const scalings: readonly Scaling[] = ["layer", "filter", "global"];

/** Throws an `ArgumentError` unless gamma and box are lengths and the scaling known and fit for gamma. */
export function requireWeightBall({ gamma, scaling = "layer", relativeBox }: WeightBall): void {
  requireRelativeLength("gamma", gamma);
  requireChoice("scaling", scaling, scalings);
  const fits = typeof gamma !== "function" || scaling !== "global";
  requireArgument(fits, "gamma", gamma, 'one number with the scaling "global"');
  if (relativeBox !== undefined) requireNonNegativeScalar("relativeBox", relativeBox);
}

/** Throws an `ArgumentError` for a number that is negative or not finite, and for a tensor that is no scalar. */
export function requireRelativeLength(argument: string, length: RelativeLength): void {
  if (typeof length !== "function") requireNonNegativeScalar(argument, length);
}

/** The length for each parameter; an `ArgumentError` for one that cannot be. */
export function relativeLengths(argument: string, length: RelativeLength, parameters: Parameters): RelativeLengths {
  if (typeof length !== "function") return new Map([...parameters.keys()].map((name) => [name, length]));
  return new Map(
    [...parameters].map(([name, parameter]) => {
      const own = length(name, parameter);
      requireNonNegativeScalar(`${argument}(${JSON.stringify(name)})`, own);
      return [name, own];
    }),
  );
}

/** The parameters that the predicate chooses; an `ArgumentError` if there is none. */
export function chosenBy(predicate: ParameterPredicate, weights: Parameters): Parameters {
  const chosen = new Map([...weights].filter(([name, parameter]) => predicate(name, parameter)));
  requireArgument(chosen.size > 0, "predicate", "no parameter chosen", "one that chooses some of the weights");
  return chosen;
}

/**
 * The predicate that everything has by default: rank > 1, the kernels of layers.
 *
 * @example
 * const names = [...network.parameters].filter(([name, parameter]) => isKernel(name, parameter)).map(([name]) => name);
 */
export function isKernel(_name: string, parameter: Variable): boolean {
  return parameter.rank > 1;
}
