import type { Network } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import { batchNorm } from "./batch-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { normalByFanOut as initializer, zeros } from "./initializer";
import { sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";
import { basicBlock, numberedNames } from "./residual-block";
import { residualStage } from "./residual-stage";

export interface WideResNetOptions extends NetworkOptions {
  /** Layers with weights, `6n + 4`: 28 and 34 are the usual ones. */
  readonly depth: number;
  /** The factor by which the three stages are wider than ResNet's 16, 32 and 64 channels. */
  readonly widen: number;
}

/**
 * A wide residual network for small images of any size (Zagoruyko & Komodakis, arXiv:1605.07146): WRN-`depth`-`widen`.
 *
 * Parameters are named and initialised as in AWP's reference implementation.
 *
 * @throws ArgumentError for a depth that is not `6n + 4`, or an option that is not a positive integer.
 * @example
 * const network = wideResNet({ depth: 34, widen: 10, classes: 10, random: random(0) });
 */
export function wideResNet(options: WideResNetOptions): Network {
  const { classes, random, depth, widen, channels = 3, momentum = 0.1 } = options;
  requireNetworkOptions(options);
  requireCount("widen", widen);
  const count = (depth - 4) / 6;
  requireArgument(Number.isInteger(count) && count > 0, "depth", depth, "6n + 4: 10, 16, 22, 28, 34, …");

  const shared = { momentum, initializer, names: numberedNames("convShortcut") };
  return network(random, channels, (store) => {
    const stem = convolution(store, "conv1", { inputs: channels, outputs: 16, size: 3, initializer });
    const [narrow, middle, wide] = [16 * widen, 32 * widen, 64 * widen] as const;
    const stages = [
      residualStage(store, "block1.layer", basicBlock, count, { inputs: 16, outputs: narrow, stride: 1, ...shared }),
      residualStage(store, "block2.layer", basicBlock, count, {
        inputs: narrow,
        outputs: middle,
        stride: 2,
        ...shared,
      }),
      residualStage(store, "block3.layer", basicBlock, count, { inputs: middle, outputs: wide, stride: 2, ...shared }),
    ];
    const norm = batchNorm(store, "bn1", wide, momentum, "relu");
    const classify = dense(store, "fc", { inputs: wide, outputs: classes, biasInitializer: zeros });
    const maps = sequence([stem, ...stages, norm]);
    return (x, mode) => classify(globalAveragePool(maps(x, mode)));
  });
}
