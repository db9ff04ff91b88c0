import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";

/*
 * The contract between these packages and a backend that has kernels of its own for them: each name with its inputs,
 * attributes and output. Types only, so that a backend can hold itself to them without loading a line of core.
 */

/** The kernels that these packages add to TensorFlow.js. */
export interface Kernels {
  /** Normalisation with the batch's statistics per channel; the variance is the biased one. */
  readonly BatchNormTraining: BatchNormTraining;
  /** `BatchNormTraining` with a ReLU behind it. */
  readonly BatchNormTrainingRelu: BatchNormTraining;
  /** The gradient of `BatchNormTraining`. */
  readonly BatchNormTrainingGrad: BatchNormTrainingGradient;
  /** The gradient of `BatchNormTrainingRelu`; y is the output behind the ReLU, and dy counts where y is above 0. */
  readonly BatchNormTrainingReluGrad: BatchNormTrainingGradient & { readonly inputs: { readonly y: Tensor } };
  /** Cross-entropy, `-log softmax(logits)_label` per row, `[batch]`. */
  readonly SparseCrossEntropy: {
    readonly inputs: CrossEntropyInputs;
    readonly attributes: NoAttributes;
    readonly output: Tensor1D;
  };
  /** The gradient of `SparseCrossEntropy`, `dy · (softmax(logits) − onehot(label))` per row; dy is `[batch]`. */
  readonly SparseCrossEntropyGrad: {
    readonly inputs: CrossEntropyInputs & { readonly dy: Tensor1D };
    readonly attributes: NoAttributes;
    readonly output: Tensor;
  };
  /** A running average moved on, `(1 − momentum)·average + momentum·(factor·value)`, of the shape of both. */
  readonly MovingAverage: {
    readonly inputs: { readonly average: Tensor; readonly value: Tensor };
    readonly attributes: { readonly momentum: number; readonly factor: number };
    readonly output: Tensor;
  };
  /**
   * Uniform numbers `low + u·(high − low)`, float32, with u = ⌊word / 256⌋ / 2^24 and each operation rounded to
   * float32; where that rounds to `high`, the float32 below it.
   */
  readonly PhiloxUniform: PhiloxDraw<{ readonly low: number; readonly high: number }>;
  /**
   * Normal numbers `mean + std·√(−2 ln u)·cos(2πv)`, float32, from two words per value: value e takes
   * u = (⌊word / 256⌋ + 1) / 2^24 from word 2e and v = ⌊word / 256⌋ / 2^24 from word 2e + 1.
   */
  readonly PhiloxNormal: PhiloxDraw<{ readonly mean: number; readonly std: number }>;
  /** Integers `low + ⌊word·(high − low) / 2^32⌋`, int32. */
  readonly PhiloxIntegers: PhiloxDraw<{ readonly low: number; readonly high: number }>;
  /**
   * One step of SGD over all weights at once, so that a GPU is not asked for each: the new weights, then with momentum
   * the new buffers. Inputs are named by role and number: `weight0`, `gradient0`, `buffer0`, `weight1`, …
   */
  readonly SgdUpdate: {
    readonly inputs: Readonly<Record<string, Tensor>> & { readonly learningRate: Scalar };
    readonly attributes: {
      /** How many weights there are. */
      readonly count: number;
      /** Share of the last update that is kept; at 0 there are no buffers. */
      readonly momentum: number;
      readonly nesterov: boolean;
    };
    readonly output: readonly Tensor[];
  };
  /** `base + factor · addend` for many tensors at once, by role and number: `base0`, `addend0`, `base1`, … */
  readonly AddScaled: {
    readonly inputs: Readonly<Record<string, Tensor>>;
    /** One factor for each pair. */
    readonly attributes: { readonly factors: readonly number[] };
    readonly output: readonly Tensor[];
  };
  /**
   * The Euclidean norms of groups of elements of many tensors, one after the other, whatever power of ten the elements
   * are; inputs by number: `tensor0`, `tensor1`, …
   */
  readonly GroupNorms: {
    readonly inputs: Readonly<Record<string, Tensor>>;
    readonly attributes: GroupAttributes;
    readonly output: Tensor1D;
  };
  /**
   * `length · norm · d / ‖d‖` for each group of the directions `direction0`, `direction1`, …, 0 where d is 0. The norms
   * are laid out as `GroupNorms` has them.
   */
  readonly GroupRescaled: {
    readonly inputs: Readonly<Record<string, Tensor>> & { readonly norms: Tensor1D };
    /** One length for each direction. */
    readonly attributes: GroupAttributes & { readonly lengths: readonly number[] };
    readonly output: readonly Tensor[];
  };
  /**
   * A step of an attack in ℓ∞: `images + length · sign(gradient)`, brought within `radius` of `origin`, then between
   * `low` and `high`. The three have one shape. NaN in any is NaN.
   */
  readonly SignStep: {
    readonly inputs: { readonly images: Tensor4D; readonly gradient: Tensor4D; readonly origin: Tensor4D };
    readonly attributes: {
      readonly length: number;
      readonly radius: number;
      readonly low: number;
      readonly high: number;
    };
    readonly output: Tensor4D;
  };
  /**
   * The sums over all processes of a group of float32 tensors `tensor0`, `tensor1`, …, of the same shapes in each: the
   * same bits in each. Waits for the others.
   */
  readonly AllReduce: Collective;
  /** The values that the first process of a group has in tensors `tensor0`, `tensor1`, … Waits for the others. */
  readonly Broadcast: Collective;
  /** Each entry between −bound and bound, and 0 for one that is NaN. */
  readonly BoundedSlope: {
    readonly inputs: { readonly slope: Tensor };
    readonly attributes: { readonly bound: number };
    readonly output: Tensor;
  };
}

/** The name of a kernel of the contract. */
export type KernelName = keyof Kernels;

type NoAttributes = object;

interface Collective {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly attributes: {
    /** How many tensors there are. */
    readonly count: number;
    /** What it is for, as an error says it. */
    readonly what: string;
  };
  readonly output: readonly Tensor[];
}

interface GroupAttributes {
  /** How many tensors there are. */
  readonly count: number;
  /** A group is each tensor, each output filter (the last axis; a tensor of rank 1 is one), or all tensors together. */
  readonly scaling: "layer" | "filter" | "global";
}

interface BatchNormTraining {
  readonly inputs: {
    /** `[batch, height, width, channels]` */
    readonly x: Tensor;
    /** `[channels]` */
    readonly scale: Tensor1D;
    /** `[channels]` */
    readonly offset: Tensor1D;
    /** `[channels]`, or absent with the running variance; where they are given, their new values are outputs too. */
    readonly runningMean?: Tensor | undefined;
    readonly runningVariance?: Tensor | undefined;
  };
  readonly attributes: {
    readonly epsilon: number;
    /** How far the running statistics move, as in `MovingAverage`: to the mean, and to the variance times `unbias`. */
    readonly momentum?: number | undefined;
    readonly unbias?: number | undefined;
  };
  readonly output: readonly [output: Tensor, mean: Tensor, variance: Tensor, ...moved: Tensor[]];
}

interface BatchNormTrainingGradient {
  readonly inputs: {
    readonly dy: Tensor;
    readonly x: Tensor;
    readonly scale: Tensor1D;
    readonly mean: Tensor1D;
    readonly variance: Tensor1D;
  };
  readonly attributes: { readonly epsilon: number };
  readonly output: readonly [dx: Tensor, dScale: Tensor, dOffset: Tensor];
}

interface CrossEntropyInputs {
  /** `[batch, classes]` */
  readonly logits: Tensor2D;
  /** `[batch]`, int32 */
  readonly labels: Tensor1D;
}

/** The inputs of every draw: the key (int32, `[2]`) and, for draws by row, one key per row (int32, `[batch]`). */
export interface PhiloxInputs {
  readonly key: Tensor1D;
  readonly rows?: Tensor1D;
}

/**
 * The attributes of every draw. Word e of a row is word e mod 4 of the Philox block with counter
 * [⌊e / 4⌋, row key, ...stream]; rows are the first axis of `shape`, or everything under row key 0xffffffff.
 */
export interface PhiloxAttributes {
  readonly shape: readonly number[];
  readonly stream: readonly [number, number];
}

interface PhiloxDraw<Parameters extends object> {
  readonly inputs: PhiloxInputs;
  readonly attributes: PhiloxAttributes & Parameters;
  readonly output: Tensor;
}
