import type { Defense, Loss, Network, WeightAttack } from "@awp/core";
import { requireChoice, requireCount } from "@awp/core/authoring";
import type { Optimizer } from "../optimizer/optimizer";
import { type Clip, requireClip } from "./clip";

/** The point where weight decay is taken under a weight attack: w + v, as in the reference, or w. */
export type DecayAt = "perturbed" | "clean";

/** What a training step is made of. */
export interface TrainStepOptions {
  readonly network: Network;
  readonly defense: Defense;
  readonly optimizer: Optimizer;
  /** Displaces the weights before the gradient is taken; without one this is plain training. */
  readonly weightAttack?: WeightAttack;
  /** @default "perturbed" */
  readonly decayAt?: DecayAt;
  /**
   * Bounds the gradient of the loss over the whole batch, before weight decay is added to it: as in PyTorch, where
   * `clip_grad_norm_` comes before the optimizer's step. Without it nothing is bounded.
   */
  readonly clip?: Clip;
  /**
   * Into how many parts a batch is cut, one of which is in memory at a time: for networks that do not fit otherwise.
   * Parts are as equal as can be, and each weighs as much as it has rows. Attack, weight attack and gradient go part by
   * part, and their sums make one update.
   *
   * Without batch normalisation this is the step of the whole batch, within the rounding of float32. With it each part is
   * normalised by its own statistics, and the running ones move once for each part. A batch of fewer rows than parts is
   * an error.
   *
   * @default 1
   */
  readonly microBatches?: number;
  /** The other processes that make this step, each on rows of its own: `dataParallel` of `@awp/distributed` sets it. */
  readonly across?: Across;
}

/** Several processes that make one step together, as the step of each sees them. */
export interface Across {
  /** The mean loss over the rows of all processes, from the sum over this one's, of which there are `rows`. */
  loss(sum: Loss, rows: number): Loss;
}

export function requireStepOptions({ decayAt = "perturbed", clip, microBatches = 1 }: TrainStepOptions): void {
  requireChoice("decayAt", decayAt, ["perturbed", "clean"]);
  if (clip !== undefined) requireClip(clip);
  requireCount("microBatches", microBatches);
}
