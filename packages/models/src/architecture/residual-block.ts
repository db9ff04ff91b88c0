import * as tf from "@tensorflow/tfjs-core";
import type { Activation } from "./activation";
import { activatedNorm } from "./activated-norm";
import { type Alignment, convolution } from "./convolution";
import type { Initializer } from "./initializer";
import { type DeclaredLayer, type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";
import { residualSum } from "./residual-sum";

/** What a block's layers are called, in the order of the forward pass. */
export interface BlockNames {
  readonly norms: readonly string[];
  readonly convolutions: readonly string[];
  /** The shortcut's convolution. */
  readonly shortcut: string;
}

/** What every block is made by. */
export interface BlockOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  readonly momentum: number;
  /** The first values of the convolutions. */
  readonly initializer: Initializer;
  readonly names: BlockNames;
}

export interface ResidualBlockOptions extends BlockOptions {
  /** @default "relu" */
  readonly activation?: Activation;
  /** @default "pytorch" */
  readonly alignment?: Alignment;
  /** What the shortcut's convolution takes: the block's input, or what is normalised and activated. @default "activated" */
  readonly shortcutOf?: "activated" | "input";
  /** The side of the shortcut's filter. @default 1 */
  readonly shortcutSize?: 1 | 3;
  /** What ends the branch of a basic block, `se`. @default nothing */
  readonly branchEnd?: DeclaredLayer;
  /** What stands behind a basic block's norms and its sum, `meansparse_0`, `_1` and `_2`. @default nothing */
  readonly sparsify?: DeclaredLayer | undefined;
}

/** A function that declares a pre-activation block, in which batch norm and activation come before each convolution. */
export type ResidualBlock = (store: ParameterStore, name: string, options: ResidualBlockOptions) => Layer;

/** The names in most PyTorch code: `bn1`, `conv1`, `bn2`, …, with the shortcut's own. */
export function numberedNames(shortcut: string): BlockNames {
  return { norms: ["bn1", "bn2", "bn3"], convolutions: ["conv1", "conv2", "conv3"], shortcut };
}

/** The basic block: two 3×3 convolutions. */
export const basicBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, alignment = "pytorch", branchEnd, sparsify } = options;
  const { norm, convolve } = layersOf(store, name, options);
  const norm1 = norm(0, inputs);
  const convolution1 = convolve(0, { inputs, outputs, size: 3, stride, alignment });
  const norm2 = norm(1, outputs);
  const convolution2 = convolve(1, { inputs: outputs, outputs, size: 3 });
  const shortcut = shortcutConvolution(store, name, options);
  const end = branchEnd ? [branchEnd(store, `${name}.se`, outputs)] : [];
  const sum = residual(norm1, [convolution1, norm2, convolution2, ...end], shortcut, options.shortcutOf);
  return sparsify ? sequence([sum, sparsify(store, `${name}.meansparse_2`, outputs)]) : sum;
};

/** The width of a bottleneck's output, in widths of its 3×3 convolution. */
export const bottleneckExpansion = 4;

/** The bottleneck block: 1×1, 3×3 and 1×1 convolutions, the first two with a quarter of the outputs. */
export const bottleneckBlock: ResidualBlock = (store, name, options) => {
  const { inputs, outputs, stride, alignment = "pytorch" } = options;
  const width = outputs / bottleneckExpansion;
  const { norm, convolve } = layersOf(store, name, options);
  const norm1 = norm(0, inputs);
  const convolution1 = convolve(0, { inputs, outputs: width, size: 1 });
  const norm2 = norm(1, width);
  const convolution2 = convolve(1, { inputs: width, outputs: width, size: 3, stride, alignment });
  const norm3 = norm(2, width);
  const convolution3 = convolve(2, { inputs: width, outputs, size: 1 });
  const shortcut = shortcutConvolution(store, name, options);
  const branch = [convolution1, norm2, convolution2, norm3, convolution3];
  return residual(norm1, branch, shortcut, options.shortcutOf);
};

/** What declares a block's norms and convolutions by their number. */
function layersOf(store: ParameterStore, name: string, options: ResidualBlockOptions) {
  const { names, momentum, initializer, activation = "relu", sparsify } = options;
  const norm = (index: number, channels: number): Layer => {
    const between = sparsify && { layer: sparsify, name: `${name}.meansparse_${index}` };
    return activatedNorm(store, `${name}.${names.norms[index]}`, { channels, momentum, activation, between });
  };
  const convolve = (index: number, shape: Omit<Parameters<typeof convolution>[2], "initializer">): Layer =>
    convolution(store, `${name}.${names.convolutions[index]}`, { ...shape, initializer });
  return { norm, convolve };
}

/** The sum of branch and shortcut; a shortcut without a convolution is the input itself. */
function residual(
  activate: Layer,
  branch: readonly Layer[],
  shortcut: Layer | undefined,
  shortcutOf: ResidualBlockOptions["shortcutOf"] = "activated",
): Layer {
  const branchOf = sequence(branch);
  return (x, mode) =>
    tf.tidy(() => {
      const activated = activate(x, mode);
      const residue = branchOf(activated, mode);
      return residualSum(residue, shortcut?.(shortcutOf === "input" ? x : activated, mode) ?? x);
    });
}

/** The shortcut's convolution, where the size or the channels change; elsewhere undefined, for an identity. */
function shortcutConvolution(store: ParameterStore, name: string, options: ResidualBlockOptions): Layer | undefined {
  const { inputs, outputs, stride, initializer, alignment = "pytorch", names, shortcutSize: size = 1 } = options;
  if (stride === 1 && inputs === outputs) return undefined;
  return convolution(store, `${name}.${names.shortcut}`, { inputs, outputs, size, stride, alignment, initializer });
}
