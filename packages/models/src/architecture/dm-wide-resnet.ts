import type { Network } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { type DmNetworkOptions, dmNetwork } from "./dm-network";
import { normalByFanOut } from "./initializer";
import { meanSparse as sparse } from "./mean-sparse";
import type { BlockNames } from "./residual-block";
import { squeezeExcitation } from "./squeeze-excitation";

export interface DmWideResNetOptions extends DmNetworkOptions {
  /** Layers with weights, `6n + 4`: 28, 34, 70, 82, 94 and 106 are those of RobustBench's leaderboards. */
  readonly depth: number;
  /** The factor by which the three stages are wider than ResNet's 16, 32 and 64 channels. */
  readonly widen: number;
  /** Whether MeanSparse stands before every activation and behind every sum. @default false */
  readonly meanSparse?: boolean;
}

/**
 * DeepMind's wide residual network (arXiv:2010.03593), the one of most entries at the top of RobustBench's leaderboards:
 * SiLU, and convolutions of stride 2 whose border of zeros is on the right and at the bottom alone.
 *
 * Parameters are named as in its PyTorch version, and initialised as those of {@link wideResNet}.
 *
 * @throws ArgumentError for a depth that is not `6n + 4`, or another option that makes no network.
 * @example
 * const network = dmWideResNet({ depth: 28, widen: 10, classes: 10, random: random(0) });
 */
export function dmWideResNet(options: DmWideResNetOptions): Network {
  const { depth, widen, meanSparse = false } = options;
  requireCount("widen", widen);
  const count = (depth - 4) / 6;
  requireArgument(Number.isInteger(count) && count > 0, "depth", depth, "6n + 4: 10, 16, 22, 28, 34, …");
  const stages = [16, 32, 64].map((width, index) => ({ name: `layer.${index}.block`, count, width: width * widen }));
  return dmNetwork(options, {
    stem: "init_conv",
    stemWidth: 16,
    stages,
    block: { names, sparsify: meanSparse ? sparse : undefined },
  });
}

export interface RaWideResNetOptions extends DmNetworkOptions {
  /** The number of blocks in each stage. @default [30, 31, 10] */
  readonly blocks?: readonly number[];
  /** Channels of each stage. @default [216, 432, 864] */
  readonly widths?: readonly number[];
  /** Channels of the first convolution. @default 96 */
  readonly stemWidth?: number;
  /** Whether MeanSparse stands before every activation and behind every sum. @default false */
  readonly meanSparse?: boolean;
}

/**
 * RaWideResNet-70-16 (arXiv:2308.16258): DeepMind's wide residual network with stages of other lengths and widths, and
 * squeeze-and-excitation at the end of each branch.
 *
 * @throws ArgumentError where an option makes no network.
 * @example
 * const network = raWideResNet({ classes: 10, random: random(0) });
 */
export function raWideResNet(options: RaWideResNetOptions): Network {
  const { blocks = [30, 31, 10], widths = [216, 432, 864], stemWidth = 96, meanSparse = false } = options;
  requireCount("blocks.length", blocks.length);
  requireArgument(widths.length === blocks.length, "widths", widths, `${blocks.length} counts, as many as blocks has`);
  requireCount("stemWidth", stemWidth);
  const stages = blocks.map((count, index) => ({
    name: `layer.${index}.block`,
    count,
    width: widths[index] as number,
  }));
  const sparsify = meanSparse ? sparse : undefined;
  const block = { names, sparsify, branchEnd: squeezeExcitation(normalByFanOut) };
  return dmNetwork(options, { stem: "init_conv", stemWidth, stages, block });
}

const names: BlockNames = {
  norms: ["batchnorm_0", "batchnorm_1"],
  convolutions: ["conv_0", "conv_1"],
  shortcut: "shortcut",
};
