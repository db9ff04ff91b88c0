import type { Network } from "@awp/core";
import { requireCount } from "@awp/core/authoring";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { uniformByFanIn } from "./initializer";
import { sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";
import { postActivationBasicBlock, postActivationBottleneckBlock } from "./post-activation-block";
import { bottleneckExpansion, numberedNames } from "./residual-block";
import { residualStage } from "./residual-stage";

export interface ResNetOptions extends NetworkOptions {
  /** The number of blocks in each stage; every stage after the first halves the images and doubles the width. */
  readonly blocks: readonly number[];
  /** Whether blocks are bottlenecks (1×1, 3×3, 1×1 convolutions). @default false */
  readonly bottleneck?: boolean;
  /** Channels of the first stage. @default 64 */
  readonly width?: number;
}

/**
 * A residual network of the first kind (arXiv:1512.03385) for small images of any size: its stem is one 3×3 convolution,
 * without a stride and without pooling.
 *
 * Parameters are named and initialised as in most PyTorch code for CIFAR: `conv1`, `bn1`, `layer1.0.conv1`, …, `linear`.
 *
 * @example
 * const network = resNet({ blocks: [2, 2, 2, 2], classes: 10, random: random(0) }); // ResNet-18
 * @throws ArgumentError where an option is not the positive integer that is wanted.
 */
export function resNet(options: ResNetOptions): Network {
  const { classes, random, blocks, bottleneck = false, width = 64, channels = 3, momentum = 0.1 } = options;
  requireNetworkOptions(options);
  requireCount("width", width);
  requireCount("blocks.length", blocks.length);
  for (const count of blocks) requireCount("blocks", count);

  const [block, expansion] = bottleneck
    ? [postActivationBottleneckBlock, bottleneckExpansion]
    : [postActivationBasicBlock, 1];
  const outputsOf = (stage: number) => width * expansion * 2 ** stage;
  return network(random, channels, (store) => {
    const stem = convolution(store, "conv1", { inputs: channels, outputs: width, size: 3 });
    const norm = batchNorm(store, "bn1", width, momentum, "relu");
    const stages = blocks.map((count, stage) =>
      residualStage(store, `layer${stage + 1}`, block, count, {
        inputs: stage === 0 ? width : outputsOf(stage - 1),
        outputs: outputsOf(stage),
        stride: stage === 0 ? 1 : 2,
        momentum,
        initializer: uniformByFanIn,
        names: numberedNames("shortcut"),
      }),
    );
    const classify = dense(store, "linear", { inputs: outputsOf(blocks.length - 1), outputs: classes });
    const maps = sequence([stem, norm, ...stages]);
    return (x, mode) => classify(globalAveragePool(maps(x, mode)));
  });
}

type PresetOptions = Omit<ResNetOptions, "blocks" | "bottleneck">;

/**
 * ResNet-18 for small images: 11,173,962 parameters for 10 classes.
 *
 * @example
 * const network = resNet18({ classes: 10, random: random(0) });
 */
export function resNet18(options: PresetOptions): Network {
  return resNet({ ...options, blocks: [2, 2, 2, 2] });
}

/**
 * ResNet-34 for small images.
 *
 * @example
 * const network = resNet34({ classes: 100, random: random(0) });
 */
export function resNet34(options: PresetOptions): Network {
  return resNet({ ...options, blocks: [3, 4, 6, 3] });
}

/**
 * ResNet-50 for small images, made of bottlenecks: 23,520,842 parameters for 10 classes.
 *
 * @example
 * const network = resNet50({ classes: 100, random: random(0) });
 */
export function resNet50(options: PresetOptions): Network {
  return resNet({ ...options, blocks: [3, 4, 6, 3], bottleneck: true });
}
