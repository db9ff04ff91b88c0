import type { Network } from "@awp/core";
import { requireCount } from "@awp/core/authoring";
import { type DmNetworkOptions, dmNetwork } from "./dm-network";

export interface DmPreActResNetOptions extends DmNetworkOptions {
  /** The number of blocks in each stage; every stage after the first halves the images and doubles the width. */
  readonly blocks: readonly number[];
  /** Channels of the first stage. @default 64 */
  readonly width?: number;
}

/**
 * DeepMind's pre-activation residual network (arXiv:2103.01946): like {@link preActResNet}, but with SiLU, borders on the
 * right and at the bottom alone where the stride is 2, and shortcuts that are 3×3 convolutions of a block's input.
 *
 * @example
 * const network = dmPreActResNet({ blocks: [2, 2, 2, 2], classes: 10, random: random(0) }); // its PreActResNet-18
 * @throws ArgumentError where an option makes no network.
 */
export function dmPreActResNet(options: DmPreActResNetOptions): Network {
  const { blocks, width = 64 } = options;
  requireCount("blocks.length", blocks.length);
  const stages = blocks.map((count, index) => ({ name: `layer_${index}`, count, width: width * 2 ** index }));
  const names = {
    norms: ["batchnorm_0", "batchnorm_1"],
    convolutions: ["conv_2d_1", "conv_2d_2"],
    shortcut: "shortcut",
  };
  const block = { names, shortcutOf: "input", shortcutSize: 3 } as const;
  return dmNetwork(options, { stem: "conv_2d", stemWidth: width, stages, block });
}

/**
 * DeepMind's PreActResNet-18.
 *
 * @example
 * const network = dmPreActResNet18({ classes: 10, random: random(0) });
 */
export function dmPreActResNet18(options: Omit<DmPreActResNetOptions, "blocks">): Network {
  return dmPreActResNet({ ...options, blocks: [2, 2, 2, 2] });
}

/**
 * DeepMind's PreActResNet-34.
 *
 * @example
 * const network = dmPreActResNet34({ classes: 10, random: random(0) });
 */
export function dmPreActResNet34(options: Omit<DmPreActResNetOptions, "blocks">): Network {
  return dmPreActResNet({ ...options, blocks: [3, 4, 6, 3] });
}
