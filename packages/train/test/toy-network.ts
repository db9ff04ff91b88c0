import {
  type Batch,
  type Classifier,
  type Images,
  type Mode,
  type Network,
  type NetworkWeights,
  random,
  uniform,
} from "@awp/core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

export interface ToyNetwork extends Network {
  /** The mode of every forward pass so far. */
  readonly modes: Mode[];
  dispose(): void;
}

/** Logits (x − m)·W + b of the flattened images, where m is the batch's mean or, in evaluation, the running mean. */
export function toyNetwork(weight: Tensor, bias: Tensor, centred = true): ToyNetwork {
  const parameters = new Map([
    ["fc.weight", tf.variable(weight)],
    ["fc.bias", tf.variable(bias)],
  ]);
  const [features = 0] = weight.shape;
  const mean: Variable = tf.tidy(() => tf.variable(tf.zeros([features]), false));
  const modes: Mode[] = [];
  return {
    parameters,
    buffers: new Map([["bn.running_mean", mean]]),
    modes,
    forward: (x, mode) =>
      tf.tidy(() => {
        modes.push(mode);
        const flat = tf.reshape(x, [-1, features]);
        const ofBatch = tf.mean(flat, 0);
        if (mode === "train") mean.assign(tf.add(tf.mul(mean, 0.9), tf.mul(ofBatch, 0.1)));
        const centre = mode === "eval" ? mean : ofBatch;
        const [w, b] = [...parameters.values()] as [Variable, Variable];
        return tf.add<tf.Tensor2D>(tf.matMul(centred ? tf.sub(flat, centre) : flat, w), b);
      }),
    dispose: () => tf.dispose([...parameters.values(), mean]),
  };
}

interface ToyOptions {
  readonly seed?: number;
  readonly side?: number;
  readonly classes?: number;
}

/** A toy network with weights from a seed, for images of `side` by `side` pixels in 3 channels and `classes` classes. */
export function seededNetwork({ seed = 0, side = 2, classes = 4 }: ToyOptions = {}): ToyNetwork {
  const source = random(seed);
  const weight = uniform(source.fold(0), [side * side * 3, classes], -0.5, 0.5);
  const bias = uniform(source.fold(1), [classes], -0.1, 0.1);
  const network = toyNetwork(weight, bias);
  tf.dispose([weight, bias]);
  return network;
}

/** `count` batches of random images with labels that depend on them. */
export function* toyBatches({
  count = 5,
  size = 6,
  side = 2,
  classes = 4,
  seed = 7,
}: ToyOptions & { readonly count?: number; readonly size?: number } = {}): Generator<Batch> {
  for (let i = 0; i < count; i++) {
    const indices = Int32Array.from({ length: size }, (_, row) => i * size + row);
    const images = uniform(random(seed).forRows(indices), [size, side, side, 3]) as Images;
    const labels = tf.tidy(() => {
      const columns = tf.slice(tf.reshape(images, [size, -1]), [0, 0], [size, classes]);
      return tf.cast(tf.argMax(columns, 1), "int32") as tf.Tensor1D;
    });
    yield { images, labels, indices };
  }
}

export function toyBatch(options: ToyOptions & { readonly size?: number } = {}): Batch {
  const [batch] = toyBatches({ ...options, count: 1 });
  return batch as Batch;
}

/** Everything that training changes, as numbers. */
export function weightsOf({ parameters, buffers }: NetworkWeights): readonly number[] {
  return [...parameters.values(), ...buffers.values()].flatMap((variable) => [...variable.dataSync()]);
}

/** An attack of `steps` forward passes that moves every pixel by its own noise. */
export function noiseAttack(steps: number, size = 0.1) {
  return (classifier: Classifier, x: Images, _labels: unknown, source: ReturnType<typeof random>): Images =>
    tf.tidy(() => {
      let moved = x;
      for (let step = 0; step < steps; step++) {
        classifier(moved);
        moved = tf.add(moved, uniform(source.fold(step), x.shape, -size, size));
      }
      return moved === x ? tf.clone(x) : moved;
    });
}
