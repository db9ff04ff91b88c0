import type { Network } from "@awp/core";
import { requireArgument, requireCount } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Activation } from "./activation";
import { activatedNorm } from "./activated-norm";
import { convolution } from "./convolution";
import { dense } from "./dense";
import { globalAveragePool } from "./global-average-pool";
import { normalByFanOut as initializer, zeros } from "./initializer";
import { sequence } from "./layer";
import { type NetworkOptions, network, requireNetworkOptions } from "./network";
import { type ChannelStatistics, normalizedInput } from "./normalized-input";
import { basicBlock, type ResidualBlockOptions } from "./residual-block";
import { residualStage } from "./residual-stage";

/** The options of DeepMind's networks and of those that were made of them. */
export interface DmNetworkOptions extends NetworkOptions {
  /** @default "silu" */
  readonly activation?: Activation;
  /** How far batch norm's running statistics move towards a batch's, as in PyTorch. @default 0.01 */
  readonly momentum?: number;
  /** Channel statistics by which images in [0, 1] are normalised inside the network. @default none, images as they are */
  readonly normalization?: ChannelStatistics;
  /** Rows and columns of zeros around the images, before they are normalised: 2 makes 28×28 images 32×32. @default 0 */
  readonly padding?: number;
}

/** What tells these networks apart. */
export interface DmNetworkPlan {
  /** The name of the first convolution. */
  readonly stem: string;
  readonly stemWidth: number;
  readonly stages: readonly { readonly name: string; readonly count: number; readonly width: number }[];
  readonly block: Pick<ResidualBlockOptions, "names" | "shortcutOf" | "shortcutSize" | "branchEnd" | "sparsify">;
}

/** A pre-activation network aligned as TensorFlow's, in which every stage after the first halves the images. */
export function dmNetwork(options: DmNetworkOptions, { stem, stemWidth, stages, block }: DmNetworkPlan): Network {
  const { classes, random, channels = 3, momentum = 0.01, activation = "silu", normalization, padding = 0 } = options;
  requireNetworkOptions(options);
  requireArgument(Number.isInteger(padding) && padding >= 0, "padding", padding, "a whole number, 0 or more");
  for (const { count, width } of stages) {
    requireCount("blocks", count);
    requireCount("width", width);
  }
  const normalize = normalization && normalizedInput(normalization);
  return network(random, channels, (store) => {
    const first = convolution(store, stem, { inputs: channels, outputs: stemWidth, size: 3, initializer });
    const groups = stages.map(({ name, count, width }, index) =>
      residualStage(store, name, basicBlock, count, {
        inputs: stages[index - 1]?.width ?? stemWidth,
        outputs: width,
        stride: index === 0 ? 1 : 2,
        alignment: "tensorflow",
        ...{ momentum, activation, initializer, ...block },
      }),
    );
    const features = (stages.at(-1) as (typeof stages)[number]).width;
    const between = block.sparsify && { layer: block.sparsify, name: "meansparse_end" };
    const norm = activatedNorm(store, "batchnorm", { channels: features, momentum, activation, between });
    const classify = dense(store, "logits", { inputs: features, outputs: classes, biasInitializer: zeros });
    const maps = sequence([first, ...groups, norm]);
    return (x, mode) => {
      const padded = padding === 0 ? x : tf.pad(x, border(padding));
      return classify(globalAveragePool(maps(normalize?.(padded) ?? padded, mode)));
    };
  });
}

const border = (padding: number): [number, number][] => [
  [0, 0],
  [padding, padding],
  [padding, padding],
  [0, 0],
];
