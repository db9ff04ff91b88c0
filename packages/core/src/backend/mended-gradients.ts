import * as tf from "@tensorflow/tfjs-core";
import { dilatedGradient } from "./dilated-gradients";
import { asMended, isMended } from "./mended";
import { averagePoolGradient, maxPoolGradient } from "./pooling-gradients";
import { mirrorPadGradient } from "./mirror-pad-gradient";

/*
 * Gradients that TensorFlow.js 4.22 has wrong on every backend, found by comparing each with finite differences. Here
 * is each as it should be; `test/backend/gradients.test.ts` holds them all.
 */

/** Replaces, once, what TensorFlow.js has registered; call it after its gradients are registered. */
export function mendGradients(): void {
  if (isMended(tf.getGradient("Cumsum"))) return;
  for (const kernelName of broadcasting) {
    const config = tf.getGradient(kernelName);
    tf.registerGradient(asMended({ ...config, gradFunc: summedToInputs(config) }));
  }
  for (const kernelName of ["Conv2D", "DepthwiseConv2dNative"]) {
    const config = tf.getGradient(kernelName);
    tf.registerGradient(asMended({ ...config, gradFunc: dilatedGradient(config) }));
  }
  const { gradFunc } = tf.getGradient("FusedBatchNorm");
  tf.registerGradient(
    asMended({ kernelName: "FusedBatchNorm", inputsToSave: present("x", "mean", "variance", "scale"), gradFunc }),
  );
  for (const [kernelName, config] of Object.entries(mended)) tf.registerGradient(asMended({ kernelName, ...config }));
}

/** Kernels whose gradients keep the shape of the output where an input was broadcast. */
const broadcasting = ["BatchMatMul", "Maximum", "Minimum", "SquaredDifference"];

function summedToInputs({ gradFunc }: tf.GradConfig): tf.GradFunc {
  return (dy, saved, attrs) => {
    const byInput = gradFunc(dy, saved, attrs);
    const summed = (name: "a" | "b", input: tf.Tensor) => () => tf.tidy(() => summedTo(byInput[name]!(), input.shape));
    return { a: summed("a", saved[0] as tf.Tensor), b: summed("b", saved[1] as tf.Tensor) };
  };
}

/**
 * The names of inputs of which the last may be absent. The engine saves what `map` finds by these names and cannot save
 * what is absent, which the gradient of batch normalisation without a scale expects to be.
 */
function present(...names: string[]): string[] {
  const map = <T>(find: (name: string) => T): T[] => [...names].map(find).filter((input) => input !== undefined);
  return Object.assign([...names], { map }) as string[];
}

/** The sum over the axes along which a tensor of this shape was broadcast. */
function summedTo(gradient: tf.Tensor, shape: number[]): tf.Tensor {
  const added = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((size, axis) => (axis < added || shape[axis - added] !== size ? [axis] : []));
  return axes.length === 0 ? gradient : tf.reshape(tf.sum(gradient, axes), shape);
}

const mended: Readonly<Record<string, Omit<tf.GradConfig, "kernelName">>> = {
  AvgPool: { inputsToSave: ["x"], gradFunc: averagePoolGradient },
  AvgPool3D: { inputsToSave: ["x"], gradFunc: averagePoolGradient },
  MaxPool: { inputsToSave: ["x"], outputsToSave: [true], gradFunc: maxPoolGradient },
  Cumsum: {
    gradFunc: (dy, _, attrs) => {
      const { axis, exclusive, reverse } = attrs as unknown as { axis: number; exclusive: boolean; reverse: boolean };
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  },
  // A staircase: level almost everywhere.
  FloorDiv: {
    inputsToSave: ["a", "b"],
    gradFunc: (_, [a, b]) => ({ a: () => tf.zeros(a!.shape), b: () => tf.zeros(b!.shape) }),
  },
  GatherV2: {
    inputsToSave: ["x", "indices"],
    gradFunc: (dy, saved, attrs) => {
      const [x, indices] = saved as [tf.Tensor, tf.Tensor];
      const { axis, batchDims = 0 } = attrs as unknown as { axis: number; batchDims?: number };
      return {
        x: () => tf.tidy(() => scattered(dy as tf.Tensor, x.shape, indices, axis, batchDims)),
        indices: () => indices,
      };
    },
  },
  MirrorPad: { gradFunc: mirrorPadGradient },
  Prod: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attrs) => ({
      x: () =>
        tf.tidy(() => productGradient(dy as tf.Tensor, x as tf.Tensor, (attrs as { axis?: number | number[] }).axis)),
    }),
  },
};

/** What was gathered, added up where it came from; each batch has rows of its own. */
function scattered(dy: tf.Tensor, shape: number[], indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const size = (from: number, to?: number): number => tf.util.sizeFromShape(shape.slice(from, to));
  const [batch, outer, length, inner] = [size(0, batchDims), size(batchDims, axis), shape[axis]!, size(axis + 1)];
  const perBatch = indices.size / batch;
  const byIndex = tf.transpose(tf.reshape(dy, [batch, outer, perBatch, inner]), [0, 2, 1, 3]);
  const firstRows = tf.mul(tf.range(0, batch, 1, "int32"), tf.scalar(length, "int32"));
  const rows = tf.add(tf.reshape(indices, [batch, perBatch]), tf.reshape(firstRows, [batch, 1]));
  const sums = tf.unsortedSegmentSum(
    tf.reshape(byIndex, [batch * perBatch, outer * inner]),
    tf.reshape(rows, [-1]) as tf.Tensor1D,
    batch * length,
  );
  return tf.reshape(tf.transpose(tf.reshape(sums, [batch, length, outer, inner]), [0, 2, 1, 3]), shape);
}

/** The product of all other values along the axes, times dy; without a division, since a value may be 0. */
function productGradient(dy: tf.Tensor, x: tf.Tensor, axis?: number | number[]): tf.Tensor {
  const axes = tf.util.parseAxisParam(axis ?? null!, x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const order = [...kept, ...axes];
  const moved = tf.transpose(x, order);
  const rows = tf.reshape(moved, [dy.size, x.size / dy.size]);
  const others = tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
  const gradient = tf.reshape(tf.mul(others, tf.reshape(dy, [-1, 1])), moved.shape);
  return tf.transpose(
    gradient,
    order.map((_, i) => order.indexOf(i)),
  );
}
