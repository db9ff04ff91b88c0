import type { Network } from "@awp/core";
import { requireChoice } from "@awp/core/authoring";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { sequence } from "./layer";
import { network } from "./network";
import { basicBlock, bottleneckBlock, numberedNames } from "./residual-block";
import { requireResNetOptions, type ResNetOptions, resNetStages } from "./resnet-stages";

export interface PreActResNetOptions extends ResNetOptions {
  /** What the shortcuts' convolutions take: a block's input, or what is normalised and activated. @default "activated" */
  readonly shortcutOf?: "activated" | "input";
  /** Whether a norm and an activation, `bn`, come before the mean over the pixels. @default true */
  readonly lastNorm?: boolean;
}

/**
 * A pre-activation residual network for small images of any size (He et al., arXiv:1603.05027).
 *
 * Parameters are named and initialised as in AWP's reference implementation. Other code's variants, among them those of
 * RobustBench, differ in `shortcutOf` and `lastNorm`.
 *
 * @example
 * const network = preActResNet({ blocks: [2, 2, 2, 2], classes: 10, random: random(0) }); // PreActResNet-18
 * @throws ArgumentError where an option is not the positive integer that is wanted.
 */
export function preActResNet(options: PreActResNetOptions): Network {
  const { classes, random, bottleneck = false, width = 64, channels = 3, momentum = 0.1 } = options;
  const { shortcutOf = "activated", lastNorm = true } = options;
  requireResNetOptions(options);
  requireChoice("shortcutOf", shortcutOf, ["activated", "input"]);
  const block = bottleneck ? bottleneckBlock : basicBlock;
  return network(random, channels, (store) => {
    const stem = convolution(store, "conv1", { inputs: channels, outputs: width, size: 3 });
    const { stages, features } = resNetStages(store, options, block, {
      names: numberedNames("shortcut.0"),
      shortcutOf,
    });
    const norm = lastNorm ? [batchNorm(store, "bn", features, momentum, "relu")] : [];
    const classify = dense(store, "linear", { inputs: features, outputs: classes });
    const maps = sequence([stem, ...stages, ...norm]);
    return (x, mode) => classify(globalAveragePool(maps(x, mode)));
  });
}

type PresetOptions = Omit<PreActResNetOptions, "blocks" | "bottleneck">;

/**
 * PreActResNet-18, the network of most of AWP's experiments: 11,172,170 parameters for 10 classes.
 *
 * @example
 * const network = preActResNet18({ classes: 10, random: random(0) });
 * const logits = network.forward(images, "eval");
 * disposeNetwork(network);
 */
export function preActResNet18(options: PresetOptions): Network {
  return preActResNet({ ...options, blocks: [2, 2, 2, 2] });
}

/**
 * PreActResNet-34.
 *
 * @example
 * const network = preActResNet34({ classes: 100, random: random(0) });
 */
export function preActResNet34(options: PresetOptions): Network {
  return preActResNet({ ...options, blocks: [3, 4, 6, 3] });
}

/**
 * PreActResNet-50, made of bottlenecks.
 *
 * @example
 * const network = preActResNet50({ classes: 100, random: random(0) });
 */
export function preActResNet50(options: PresetOptions): Network {
  return preActResNet({ ...options, blocks: [3, 4, 6, 3], bottleneck: true });
}
