import type { Network } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { uniformByFanIn as initializer } from "./initializer";
import { sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";
import { basicBlock, numberedNames } from "./residual-block";
import { residualStage } from "./residual-stage";

export interface WideResNetA4Options extends NetworkOptions {
  /** The number of blocks in each stage. @default [27, 28, 13] */
  readonly blocks?: readonly number[];
  /** Channels of each stage. @default [160, 448, 384] */
  readonly widths?: readonly number[];
}

/**
 * WRN-A4 (arXiv:2212.11005): a wide residual network with SiLU whose stages have the depths and widths that were found to
 * be best for robustness.
 *
 * @throws ArgumentError where an option makes no network.
 * @example
 * const network = wideResNetA4({ classes: 10, random: random(0) });
 */
export function wideResNetA4(options: WideResNetA4Options): Network {
  const { classes, random, blocks = [27, 28, 13], widths = [160, 448, 384], channels = 3, momentum = 0.1 } = options;
  requireNetworkOptions(options);
  requireCount("blocks.length", blocks.length);
  for (const count of blocks) requireCount("blocks", count);
  requireArgument(widths.length === blocks.length, "widths", widths, `${blocks.length} counts, as many as blocks has`);
  for (const width of widths) requireCount("widths", width);

  return network(random, channels, (store) => {
    const stem = convolution(store, "stem_conv", { inputs: channels, outputs: 16, size: 3, initializer });
    const stages = blocks.map((count, index) =>
      residualStage(store, `blocks.${index}.layer`, basicBlock, count, {
        inputs: widths[index - 1] ?? 16,
        outputs: widths[index] as number,
        stride: index === 0 ? 1 : 2,
        activation: "silu",
        names: numberedNames("shortcut.0"),
        ...{ momentum, initializer },
      }),
    );
    const features = widths.at(-1) as number;
    const norm = batchNorm(store, "norm1", features, momentum, "silu");
    const classify = dense(store, "fc", { inputs: features, outputs: classes });
    const maps = sequence([stem, ...stages, norm]);
    return (x, mode) => classify(globalAveragePool(maps(x, mode)));
  });
}
