import type { NamedTensors, WeightPerturbation } from "@awp/core";
import { weightPerturbation } from "@awp/perturb";

/**
 * A displacement of the weights whose length is not yet chosen: a landscape is measured along it. What is missing among
 * its deltas stays where it is. Whoever gets one disposes it.
 */
export interface Direction extends WeightPerturbation {
  /** What it is, in words, as figures show it: `"random, filter-normalised"`. */
  readonly description: string;
}

/**
 * A direction made of its deltas, which it owns from now on.
 *
 * @example
 * // Away from 0 along the weights themselves.
 * const deltas = new Map([...network.parameters].map(([name, weight]) => [name, tf.clone(weight)]));
 * const direction = directionOf(deltas, "the weights");
 */
export function directionOf(deltas: NamedTensors, description: string): Direction {
  return { ...weightPerturbation(deltas), description };
}
