import { AwpError, type NamedTensors, type Parameters } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type Direction, directionOf } from "./direction";
import { parametersIn, type Weights } from "./stored-weights";

/**
 * The direction from the network's weights to other ones, a checkpoint's for example: α = 0 is here and α = 1 there. All
 * parameters move, biases too. Running statistics are no parameters: measure with `statistics: "recalibrated"`, or there is
 * not the other network. The caller disposes it.
 *
 * @example
 * const { entries } = decodeSafetensors(await readFile("epoch-200.safetensors"));
 * const direction = directionTo(network.parameters, entries);
 * @throws ArgumentError for a shape that is not the parameter's; AwpError for weights of other names.
 * @see Goodfellow, Vinyals, Saxe 2015, arXiv:1412.6544
 */
export function directionTo(parameters: Parameters, other: Weights, description = "to another checkpoint"): Direction {
  return directionOf(differences(parameters, other, "other"), description);
}

/** `other − w` for every parameter; new tensors. */
export function differences(parameters: Parameters, other: Weights, argument: string): NamedTensors {
  const values = parametersIn(other, parameters, argument);
  try {
    const missing = [...parameters.keys()].filter((name) => !values.has(name));
    if (missing.length > 0) throw new AwpError(`${argument} lacks ${missing.slice(0, 5).join(", ")}`);
    return new Map([...parameters].map(([name, own]) => [name, tf.sub(values.get(name) as Tensor, own)]));
  } finally {
    tf.dispose([...values.values()]);
  }
}
