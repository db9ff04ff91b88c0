import type { Network } from "@awp/core";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { sequence } from "./layer";
import { network } from "./network";
import { postActivationBasicBlock, postActivationBottleneckBlock } from "./post-activation-block";
import { numberedNames } from "./residual-block";
import { requireResNetOptions, type ResNetOptions, resNetStages } from "./resnet-stages";

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
  const { classes, random, bottleneck = false, width = 64, channels = 3, momentum = 0.1 } = options;
  requireResNetOptions(options);
  const block = bottleneck ? postActivationBottleneckBlock : postActivationBasicBlock;
  return network(random, channels, (store) => {
    const stem = convolution(store, "conv1", { inputs: channels, outputs: width, size: 3 });
    const norm = batchNorm(store, "bn1", width, momentum, "relu");
    const { stages, features } = resNetStages(store, options, block, { names: numberedNames("shortcut") });
    const classify = dense(store, "linear", { inputs: features, outputs: classes });
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
