import type { Images, Network, Random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { dmPreActResNet18 } from "../architecture/dm-preact-resnet";
import { dmWideResNet, raWideResNet } from "../architecture/dm-wide-resnet";
import { type ChannelStatistics, normalizedInput, withInput } from "../architecture/normalized-input";
import { preActResNet18 } from "../architecture/preact-resnet";
import { resNet18, resNet50 } from "../architecture/resnet";
import { wideResNet } from "../architecture/wide-resnet";
import { wideResNetA4 } from "../architecture/wide-resnet-a4";

/** What a line of the table says of its network. */
export interface Architecture {
  readonly name: string;
  readonly network: ((options: { readonly classes: number; readonly random: Random }) => Network) | undefined;
  /** Why there is no network. */
  readonly unsupported?: string;
  /** Beginnings of the names in its files that the network does not have. */
  readonly unused: readonly string[];
}

type Adapt = (x: Images) => Images;

/*
 * Files of one architecture differ in what no forward pass reads: RST's extra stage, and the channel statistics, which some
 * networks keep among their buffers.
 */
const statistics = ["mu", "sigma"];

/** The classic wide residual network, of images as `adapt` makes them. */
export function wide(depth: number, widen: number, adapt?: Adapt): Architecture {
  const name = `WideResNet-${depth}-${widen}`;
  const network: Architecture["network"] = (options) => adapted(wideResNet({ ...options, depth, widen }), adapt);
  return { name, network, unused: ["sub_block1.", ...statistics] };
}

/** WRN-A4. */
export function a4(adapt: Adapt): Architecture {
  return { name: "WideResNet-A4", network: (options) => adapted(wideResNetA4(options), adapt), unused: statistics };
}

/** DeepMind's wide residual network. */
export function dm(depth: number, widen: number, normalization: ChannelStatistics): Architecture {
  const name = `DMWideResNet-${depth}-${widen}`;
  const network: Architecture["network"] = (options) => dmWideResNet({ ...options, depth, widen, normalization });
  return { name, network, unused: ["mean", "std"] };
}

/** DeepMind's wide residual network with MeanSparse. */
export function sparseDm(depth: number, widen: number, normalization: ChannelStatistics): Architecture {
  const count = (depth - 4) / 6;
  return {
    name: `MeanSparse DMWideResNet-${depth}-${widen}`,
    network: (options) => dmWideResNet({ ...options, depth, widen, normalization, meanSparse: true }),
    unused: meanSparseCounters([count, count, count]),
  };
}

/** DeepMind's PreActResNet-18. */
export function dmPreAct18(normalization: ChannelStatistics): Architecture {
  const network: Architecture["network"] = (options) => dmPreActResNet18({ ...options, normalization });
  return { name: "DMPreActResNet-18", network, unused: ["mean", "std"] };
}

/** RaWideResNet-70-16. */
export function ra(normalization: ChannelStatistics): Architecture {
  const network: Architecture["network"] = (options) => raWideResNet({ ...options, normalization });
  return { name: "RaWideResNet-70-16", network, unused: ["mean", "std"] };
}

/** RaWideResNet-70-16 with MeanSparse. */
export function sparseRa(normalization: ChannelStatistics): Architecture {
  return {
    name: "MeanSparse RaWideResNet-70-16",
    network: (options) => raWideResNet({ ...options, normalization, meanSparse: true }),
    unused: meanSparseCounters([30, 31, 10]),
  };
}

/** PreActResNet-18 as AWP's reference has it. */
export function preAct18(adapt?: Adapt): Architecture {
  const network: Architecture["network"] = (options) => adapted(preActResNet18(options), adapt);
  return { name: "PreActResNet-18", network, unused: statistics };
}

/** PreActResNet-18 with shortcuts of a block's input and no norm at its end. */
export function plainPreAct18(adapt?: Adapt): Architecture {
  const variant = { shortcutOf: "input", lastNorm: false } as const;
  const network: Architecture["network"] = (options) => adapted(preActResNet18({ ...options, ...variant }), adapt);
  return { name: "PreActResNet-18, no last norm", network, unused: statistics };
}

/** ResNet-18 of small images. */
export const res18: Architecture = { name: "ResNet-18", network: resNet18, unused: statistics };

/** ResNet-50 of small images. */
export function res50(adapt: Adapt): Architecture {
  return { name: "ResNet-50", network: (options) => adapted(resNet50(options), adapt), unused: statistics };
}

/** An architecture that we do not have. */
export function unbuilt(name: string, unsupported: string): Architecture {
  return { name, network: undefined, unsupported, unused: [] };
}

/** Each image less its mean, divided by its standard deviation, which counts at least 1/√n for n values; a new tensor. */
export const perImage: Adapt = (x) =>
  tf.tidy(() => {
    const count = x.size / x.shape[0];
    const centered = tf.sub(x, tf.mean(x, [1, 2, 3], true));
    const deviation = tf.sqrt(tf.div(tf.sum(tf.square(centered), [1, 2, 3], true), count - 1));
    return tf.div(centered, tf.maximum(deviation, 1 / Math.sqrt(count)));
  });

/** Normalisation by channel. */
export const byChannel = (mean: readonly number[], std: readonly number[]): Adapt => normalizedInput({ mean, std });

function adapted(network: Network, adapt: Adapt | undefined): Network {
  return adapt ? withInput(network, adapt) : network;
}

/** The counters of MeanSparse in files, which no forward pass reads. */
function meanSparseCounters(blocks: readonly number[]): readonly string[] {
  const sites = blocks.flatMap((count, group) =>
    Array.from({ length: count }, (_, block) =>
      [0, 1, 2].map((index) => `layer.${group}.block.${block}.meansparse_${index}`),
    ).flat(),
  );
  return [...sites, "meansparse_end"].flatMap((site) => [`${site}.flag_update_statistics`, `${site}.batch_num`]);
}
