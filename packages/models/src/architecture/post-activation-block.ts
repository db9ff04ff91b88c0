import * as tf from "@tensorflow/tfjs-core";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";
import { type BlockOptions, bottleneckExpansion } from "./residual-block";
import { residualSum } from "./residual-sum";

/** The first residual network's basic block: two 3×3 convolutions, the ReLU behind the sum. */
export const postActivationBasicBlock = (store: ParameterStore, name: string, options: BlockOptions): Layer => {
  const { inputs, outputs, stride } = options;
  const convolve = normalizedConvolutions(store, name, options);
  return rectifiedSum(
    [
      ...convolve(0, { inputs, outputs, size: 3, stride, activation: "relu" }),
      ...convolve(1, { inputs: outputs, outputs, size: 3, activation: "none" }),
    ],
    shortcut(store, name, options),
  );
};

/** The first residual network's bottleneck: 1×1, 3×3 and 1×1 convolutions, the ReLU behind the sum. */
export const postActivationBottleneckBlock = (store: ParameterStore, name: string, options: BlockOptions): Layer => {
  const { inputs, outputs, stride } = options;
  const width = outputs / bottleneckExpansion;
  const convolve = normalizedConvolutions(store, name, options);
  return rectifiedSum(
    [
      ...convolve(0, { inputs, outputs: width, size: 1, activation: "relu" }),
      ...convolve(1, { inputs: width, outputs: width, size: 3, stride, activation: "relu" }),
      ...convolve(2, { inputs: width, outputs, size: 1, activation: "none" }),
    ],
    shortcut(store, name, options),
  );
};

interface NormalizedConvolution {
  readonly inputs: number;
  readonly outputs: number;
  readonly size: 1 | 3;
  readonly stride?: 1 | 2;
  readonly activation: "none" | "relu";
}

/** What declares a block's convolution by its number, and the norm behind it. */
function normalizedConvolutions(store: ParameterStore, name: string, options: BlockOptions) {
  const { names, momentum, initializer } = options;
  return (index: number, { activation, ...shape }: NormalizedConvolution): readonly Layer[] => [
    convolution(store, `${name}.${names.convolutions[index]}`, { ...shape, initializer }),
    batchNorm(store, `${name}.${names.norms[index]}`, shape.outputs, momentum, activation),
  ];
}

/** The shortcut's convolution and norm, where the size or the channels change; elsewhere undefined, for an identity. */
function shortcut(store: ParameterStore, name: string, options: BlockOptions): Layer | undefined {
  const { inputs, outputs, stride, momentum, initializer, names } = options;
  if (stride === 1 && inputs === outputs) return undefined;
  return sequence([
    convolution(store, `${name}.${names.shortcut}.0`, { inputs, outputs, size: 1, stride, initializer }),
    batchNorm(store, `${name}.${names.shortcut}.1`, outputs, momentum),
  ]);
}

function rectifiedSum(branch: readonly Layer[], straight: Layer | undefined): Layer {
  const compute = sequence(branch);
  return (x, mode) => tf.tidy(() => tf.relu(residualSum(compute(x, mode), straight?.(x, mode) ?? x)));
}
