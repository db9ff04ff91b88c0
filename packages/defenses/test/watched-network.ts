import { type Batch, type Images, type Mode, type Network, random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";

/** One forward pass: in which mode, on images with which sum. */
interface Pass {
  readonly mode: Mode;
  readonly sum: number;
}

/** A linear network on images of 2 × 2 pixels that notes its forward passes. */
export interface WatchedNetwork extends Network {
  readonly passes: Pass[];
  dispose(): void;
}

export function watchedNetwork(classes = 4): WatchedNetwork {
  const weight = tf.tidy(() => tf.variable(uniform(random(0), [12, classes], -0.5, 0.5)));
  const passes: Pass[] = [];
  return {
    parameters: new Map([["weight", weight]]),
    buffers: new Map(),
    passes,
    forward: (x, mode) =>
      tf.tidy(() => {
        passes.push({ mode, sum: tf.sum(x).dataSync()[0] as number });
        return tf.matMul(tf.reshape(x, [-1, 12]), weight as tf.Variable<tf.Rank.R2>);
      }),
    dispose: () => weight.dispose(),
  };
}

/** Six images of noise. */
export function noiseBatch(): Batch {
  return {
    images: uniform(random(1), [6, 2, 2, 3]) as Images,
    labels: tf.tensor1d([0, 1, 2, 3, 0, 1], "int32"),
    indices: Int32Array.of(0, 1, 2, 3, 4, 5),
  };
}
