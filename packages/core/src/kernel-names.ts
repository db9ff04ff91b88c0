import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";

/*
 * The kernels that core adds to TensorFlow.js: names, inputs and attributes, as types only, so that a backend with
 * native versions can import them without importing core's code.
 */

/** `BatchNormTraining`, and with a ReLU behind it `BatchNormTrainingRelu` → `[output, mean, variance]`, the variance biased. */
export interface BatchNormTrainingInputs {
  /** `[batch, height, width, channels]` */
  readonly x: Tensor;
  /** `[channels]` */
  readonly scale: Tensor1D;
  /** `[channels]` */
  readonly offset: Tensor1D;
}

/** `BatchNormTrainingGrad` and `BatchNormTrainingReluGrad` → `[dx, dScale, dOffset]`. */
export interface BatchNormTrainingGradientInputs {
  readonly dy: Tensor;
  readonly x: Tensor;
  readonly scale: Tensor1D;
  readonly mean: Tensor1D;
  readonly variance: Tensor1D;
  /** The output behind the ReLU, with which dy is of no account where it is 0. */
  readonly y?: Tensor;
}

export interface BatchNormTrainingAttributes {
  readonly epsilon: number;
}

/** `SparseCrossEntropy` → `-log softmax(logits)_label` per row, `[batch]`. */
export interface CrossEntropyInputs {
  /** `[batch, classes]` */
  readonly logits: Tensor2D;
  /** `[batch]`, int32 */
  readonly labels: Tensor1D;
}

/** `SparseCrossEntropyGrad` → the gradient in the logits, `dy · (softmax(logits) − onehot(label))` per row. */
export interface CrossEntropyGradientInputs extends CrossEntropyInputs {
  /** `[batch]` */
  readonly dy: Tensor1D;
}

/** `MovingAverage` → `(1 − momentum)·average + momentum·(factor·value)`, of the shape of both. */
export interface MovingAverageInputs {
  readonly average: Tensor;
  readonly value: Tensor;
}

export interface MovingAverageAttributes {
  readonly momentum: number;
  readonly factor: number;
}

/** What every draw reads: the key (int32, `[2]`) and, for draws by row, one key per row (int32, `[batch]`). */
export interface PhiloxInputs {
  readonly key: Tensor1D;
  readonly rows?: Tensor1D;
}

/**
 * What every draw is told. Word e of a row is word e mod 4 of the Philox block with counter
 * [⌊e / 4⌋, row key, ...stream]; rows are the first axis of `shape`, or everything under row key 0xffffffff.
 */
export interface PhiloxAttributes {
  readonly shape: readonly number[];
  readonly stream: readonly [number, number];
}

/**
 * `PhiloxUniform` → `low + u·(high − low)`, float32, with u = ⌊word / 256⌋ / 2^24 and each operation rounded to float32; where that rounds to
 * `high`, the float32 below it.
 */
export interface PhiloxUniformAttributes extends PhiloxAttributes {
  readonly low: number;
  readonly high: number;
}

/**
 * `PhiloxNormal` → `mean + std·√(−2 ln u)·cos(2πv)`, float32, from two words a value: value e takes u = (⌊word / 256⌋ + 1) / 2^24
 * from word 2e and v = ⌊word / 256⌋ / 2^24 from word 2e + 1.
 */
export interface PhiloxNormalAttributes extends PhiloxAttributes {
  readonly mean: number;
  readonly std: number;
}

/** `PhiloxIntegers` → `low + ⌊word·(high − low) / 2^32⌋`, int32. */
export interface PhiloxIntegersAttributes extends PhiloxAttributes {
  readonly low: number;
  readonly high: number;
}
