import { requireChoice, requireCount } from "@awp/core/authoring";
import type { Network } from "@awp/core";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { uniformByFanIn } from "./initializer";
import { sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";
import { basicBlock, bottleneckBlock, bottleneckExpansion, numberedNames } from "./residual-block";
import { residualStage } from "./residual-stage";

export interface PreActResNetOptions extends NetworkOptions {
  /** The number of blocks in each stage; every stage after the first halves the images and doubles the width. */
  readonly blocks: readonly number[];
  /** Whether blocks are bottlenecks (1×1, 3×3, 1×1 convolutions). @default false */
  readonly bottleneck?: boolean;
  /** Channels of the first stage. @default 64 */
  readonly width?: number;
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
  const { classes, random, blocks, bottleneck = false, width = 64, channels = 3, momentum = 0.1 } = options;
  const { shortcutOf = "activated", lastNorm = true } = options;
  requireNetworkOptions(options);
  requireChoice("shortcutOf", shortcutOf, ["activated", "input"]);
  requireCount("width", width);
  requireCount("blocks.length", blocks.length);
  for (const count of blocks) requireCount("blocks", count);

  const [block, expansion] = bottleneck ? [bottleneckBlock, bottleneckExpansion] : [basicBlock, 1];
  const outputsOf = (stage: number) => width * expansion * 2 ** stage;
  return network(random, channels, (store) => {
    const stem = convolution(store, "conv1", { inputs: channels, outputs: width, size: 3 });
    const stages = blocks.map((count, stage) =>
      residualStage(store, `layer${stage + 1}`, block, count, {
        inputs: stage === 0 ? width : outputsOf(stage - 1),
        outputs: outputsOf(stage),
        stride: stage === 0 ? 1 : 2,
        momentum,
        initializer: uniformByFanIn,
        names: numberedNames("shortcut.0"),
        shortcutOf,
      }),
    );
    const features = outputsOf(blocks.length - 1);
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
