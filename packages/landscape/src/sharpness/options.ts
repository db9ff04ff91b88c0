import type { Attack, Defense, Network, Parameters, ProcessGroup, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { isKernel, type ParameterPredicate, requireUnperturbed } from "@awp/perturb";
import type { Batches } from "../each-batch";

/** What every measure of sharpness is told: which loss of which weights. */
export interface SharpnessOptions {
  /** Runs in evaluation mode. Its weights are its own, bit for bit, whenever a generator gives an event, and after it. */
  readonly network: Network;
  /**
   * Makes the images, as `() => batches(dataset, { batchSize })` of `@awp/data` does. They are held in memory to the end,
   * and differentiated batch by batch: the size of the batches bounds the memory, not the figures. Labels are class indices.
   */
  readonly batches: Batches;
  /** Makes adversarial images, once, at w, in evaluation mode; they are held fixed. @default none: the images as they are */
  readonly attack?: Attack;
  /** The loss of each image, `[batch]`, such as `trades({ … }).loss` of `@awp/defenses`. @default cross-entropy */
  readonly loss?: Defense["loss"];
  /** Which parameters move; the others are constants. @default those of rank > 1 */
  readonly predicate?: ParameterPredicate;
  /** What attack and perturbations, or vectors, draw by: the same one, the same figures. */
  readonly random: Random;
  /**
   * Processes that share attacks, losses and products with the Hessian, batch by batch, batch b being done by rank b mod
   * size. Each is given the same options, with a network of its own, and has the events and the result of one process, to
   * the bit where the devices compute alike. `signal` then changes on all ranks alike, when the group gathers.
   * @default none: this process alone
   */
  readonly group?: ProcessGroup;
  /** Ends it between two batches, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** What a generator draws by: a key each. */
export const draws = { attack: 0, perturbation: 1 } as const;

/** Throws unless the weights are the network's own and no rows of `random` belong to a batch; returns those that move. */
export function requireSharpnessOptions({ network, predicate = isKernel, random }: SharpnessOptions): Parameters {
  requireArgument(random.rows === undefined, "random", "one with rows", "one without: each batch has its own");
  requireUnperturbed(network.parameters);
  const chosen = new Map([...network.parameters].filter(([name, parameter]) => predicate(name, parameter)));
  requireArgument(chosen.size > 0, "predicate", "no parameter chosen", "one that chooses some of the weights");
  return chosen;
}
