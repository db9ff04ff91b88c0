import type { Parameters } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { type Direction, directionOf } from "./direction";
import { type Normalization, normalizedDirection, type NormalizationOptions } from "./normalization";
import { parametersIn, type Weights } from "./stored-weights";

export interface DirectionFromOptions extends NormalizationOptions {
  /** @default "none": as it is stored, every parameter that is in the file */
  readonly normalization?: Normalization;
  /** What it is, in words. @default "given" */
  readonly description?: string;
}

/**
 * A direction of stored values: the `entries` of a decoded safetensors file, in PyTorch's names and layouts, or tensors in
 * TensorFlow.js's. What is missing stays where it is. The caller disposes it.
 *
 * @example
 * const { entries } = decodeSafetensors(await readFile("direction.safetensors"));
 * const direction = directionFrom(entries, network.parameters);
 * @throws ArgumentError for a shape that is not the parameter's, an unknown normalization or a direction of no parameter;
 * AwpError for a name that the network does not have.
 */
export function directionFrom(
  entries: Weights,
  parameters: Parameters,
  { normalization = "none", predicate, description = "given" }: DirectionFromOptions = {},
): Direction {
  const deltas = parametersIn(entries, parameters, "entries");
  if (normalization === "none" && predicate === undefined) return directionOf(deltas, description);
  try {
    return normalizedDirection(deltas, parameters, { normalization, ...(predicate && { predicate }), description });
  } finally {
    tf.dispose([...deltas.values()]);
  }
}
