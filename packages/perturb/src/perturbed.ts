import { AwpError, type Parameters } from "@awp/core";
import type { Variable } from "@tensorflow/tfjs-core";

/** The mark of a displaced variable, on the variable itself: copies of this package see one another's displacements. */
const mark = Symbol.for("@awp/perturbed");

type Markable = Variable & { [mark]?: boolean };

/**
 * Whether a perturbation displaces any of the weights right now.
 *
 * @example
 * withPerturbation(network.parameters, perturbation, () => isPerturbed(network.parameters)); // true
 */
export function isPerturbed(weights: Parameters): boolean {
  return perturbedName(weights) !== undefined;
}

/**
 * Throws an `AwpError` while a perturbation displaces any of the weights.
 *
 * @example
 * requireUnperturbed(network.parameters); // before weights are stored, for example
 */
export function requireUnperturbed(weights: Parameters): void {
  const name = perturbedName(weights);
  if (name !== undefined) {
    throw new AwpError(`weights: ${JSON.stringify(name)} is displaced by a perturbation; wait until it is restored`);
  }
}

export function setPerturbed(variables: Iterable<Variable>, perturbed: boolean): void {
  for (const variable of variables as Iterable<Markable>) variable[mark] = perturbed;
}

function perturbedName(weights: Parameters): string | undefined {
  for (const [name, variable] of weights) if ((variable as Markable)[mark] === true) return name;
  return undefined;
}
