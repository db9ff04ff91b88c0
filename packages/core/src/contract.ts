import type { Rank, Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
import type { Random } from "./random/random";

/** A batch of images, `[batch, height, width, channels]`, with values in the {@link Bounds} of the threat model. */
export type Images = Tensor4D;

/**
 * The class of each example, as PyTorch's cross-entropy takes it: indices, `[batch]`, int32, or the probability of each
 * class, `[batch, classes]`, float32, as mixup makes them. What wants one right class takes indices alone, and says so.
 */
export type Labels = Tensor<Rank.R1 | Rank.R2>;

/** Unnormalised class scores, `[batch, classes]`. */
export type Logits = Tensor2D;

/** A differentiable function from images to logits; weights and mode are closed over. */
export type Classifier = (x: Images) => Logits;

/** Tensors by the name that the parameter has in the reference PyTorch module. */
export type NamedTensors = ReadonlyMap<string, Tensor>;

/** Variables in PyTorch's order of declaration, by PyTorch's names, in TensorFlow.js layouts (HWIO, [in, out]). */
export type Parameters = ReadonlyMap<string, Variable>;

/**
 * What batch normalisation and dropout do in a forward pass.
 *
 * - `"eval"`: normalises with the running statistics, and drops nothing.
 * - `"train"`: normalises with the batch's statistics and moves the running ones; drops.
 * - `"train-frozen"`: normalises with the batch's statistics and leaves the running ones alone; drops what the next pass in
 *   `"train"` will.
 */
export type Mode = "eval" | "train" | "train-frozen";

/** A model that can be trained. */
export interface Network {
  /** What an optimizer updates. */
  readonly parameters: Parameters;
  /** What training moves without a gradient: the running statistics of batch normalisation. */
  readonly buffers: Parameters;
  forward(x: Images, mode: Mode): Logits;
}

/** One key per row of a batch, int32, not negative: on the host, or on the device for a step that is recorded. */
export type RowKeys = Int32Array | Tensor1D;

/** Images with their labels and their places in the data set, which key the per-example randomness. */
export interface Batch<Indices extends RowKeys = Int32Array> {
  readonly images: Images;
  readonly labels: Labels;
  /** The index of each example in its data set, one per row. */
  readonly indices: Indices;
}

/**
 * Moves each image inside the threat model to where the classifier errs.
 *
 * Returns new images `[batch, height, width, channels]`, which the caller owns; reads nothing back from the device.
 */
export type Attack = (classifier: Classifier, x: Images, y: Labels, random: Random) => Images;

/** What an iterative attack found; the caller owns the four tensors. */
export interface AttackResult {
  /** The adversarial images. */
  readonly images: Images;
  /** 1 where the classifier errs on `images`, else 0; `[batch]`, int32. */
  readonly broken: Tensor1D;
  /** How many iterations were done when each image was taken; `[batch]`, int32. */
  readonly iteration: Tensor1D;
  /** The objective reached on each image; `[batch]`. */
  readonly objective: Tensor1D;
}

/**
 * The same attack, opened up for drivers that report progress, stop early or drop solved points.
 *
 * `start`, then `advance` until `iterations` are done, then `finish`. Each call disposes the state it was given and
 * returns a new one; `discard` ends an attack that is not finished.
 */
export interface IterativeAttack<State> extends Attack {
  /** How many iterations the whole attack takes, restarts included. */
  readonly iterations: number;
  start(classifier: Classifier, x: Images, y: Labels, random: Random): State;
  advance(state: State, iterations: number): State;
  finish(state: State): AttackResult;
  discard(state: State): void;
}

/**
 * An iterative attack that knows for each example whether it is broken yet, and can go on with some of them only: for
 * drivers that drop solved points. What it finds for a row does not depend on the others.
 */
export interface TrackingAttack<State> extends IterativeAttack<State> {
  /** 1 where an image has been found that the classifier errs on, else 0; `[batch]`, int32, a new tensor. */
  broken(state: State): Tensor1D;
  /**
   * A second state, of those rows, in that order; the given one goes on as it is.
   *
   * @throws ArgumentError for no rows, or if the attack was started with randomness that has no key per row on the host.
   */
  select(state: State, rows: Int32Array): State;
}

/** Inner maximization and outer loss, kept apart so that the adversarial images are made once per step. */
export interface Defense {
  /** The inner maximization. The network's mode meanwhile is the defense's choice. The caller owns the result. */
  attack(network: Network, batch: Batch<RowKeys>, random: Random): Images;
  /** The outer loss of each example, `[batch]`, whose mean is descended. The caller owns the result. */
  loss(network: Network, batch: Batch<RowKeys>, adversarial: Images, mode: Mode): Tensor1D;
  /** Called after the weights are updated, for passes that only move running statistics, as some references make. */
  afterStep?(network: Network, batch: Batch<RowKeys>): void;
}

/** A displacement of the weights: what is missing stays where it is. */
export interface WeightPerturbation {
  readonly deltas: NamedTensors;
  dispose(): void;
}

/**
 * A loss of the weights, to be called and differentiated as often as wanted; the caller owns each value.
 *
 * A loss over many examples may have parts that sum up to it: `parameterGradients` then differentiates one after the
 * other, so that no more than one part's activations are in memory at a time. A plain function is a loss without parts.
 */
export interface Loss {
  (): Scalar;
  readonly parts?: readonly (() => Scalar)[];
  /**
   * The same loss with 0 in the place of each example's that is not smaller than the threshold; the mean stays over all
   * examples. Where it is missing the loss knows of no examples.
   */
  readonly below?: (threshold: number) => Loss;
  /** Set on a loss over the examples of several processes, whose value and gradients are made of each one's. */
  readonly distributed?: DistributedLoss;
}

/** How a loss over the examples of several processes is made: see `dataParallel` of `@awp/distributed`. */
export interface DistributedLoss {
  /** What this process adds to it. */
  readonly own: Loss;
  /** The whole loss and its gradients from those of `own`; waits for the other processes, and leaves the given tensors alone. */
  reduce(own: LossGradients): LossGradients;
}

/** A loss and its gradient with respect to each parameter, by the parameter's name. Whoever gets it owns the tensors. */
export interface LossGradients {
  readonly loss: Scalar;
  readonly gradients: NamedTensors;
}

/**
 * Finds a displacement of `weights` under which `loss` is large; the caller disposes it.
 *
 * `loss` must not move running statistics: evaluate the network in mode `"train-frozen"`. Differentiate it with
 * `parameterGradients`, which takes its parts one by one.
 */
export type WeightAttack = (weights: Parameters, loss: Loss, random: Random) => WeightPerturbation;
