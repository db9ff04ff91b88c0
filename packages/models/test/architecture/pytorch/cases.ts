import type { Network, Random } from "@awp/core";
import {
  type ChannelStatistics,
  dmPreActResNet,
  dmWideResNet,
  preActResNet,
  raWideResNet,
  resNet,
  wideResNet,
  wideResNetA4,
} from "../../../src";
import type { ReferenceCase } from "./reference";

export interface NetworkCase extends ReferenceCase {
  readonly build: (options: { random: Random }) => Network;
  /** Beginnings of the names in the file that the network does not have. */
  readonly unused?: (network: Network) => readonly string[];
}

const classes = 10;
const size = 8;

const wide = (depth: number): NetworkCase => ({
  name: `WideResNet-${depth}`,
  network: "wide_resnet",
  arguments: { depth, widen: 1, classes },
  size,
  build: (options) => wideResNet({ ...options, classes, depth, widen: 1 }),
});

export const cifar10: ChannelStatistics = { mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] };

const dmWide = (depth: number): NetworkCase => ({
  name: `DMWideResNet-${depth}`,
  network: "dm_wide_resnet",
  arguments: { depth, widen: 1, classes, normalization: cifar10 },
  size,
  build: (options) => dmWideResNet({ ...options, classes, depth, widen: 1, normalization: cifar10 }),
});

/** The counters of MeanSparse, which no forward pass reads. */
const sparseCounters = ({ buffers }: Network): string[] =>
  [...buffers.keys()]
    .filter((name) => name.endsWith(".threshold"))
    .flatMap((name) => ["flag_update_statistics", "batch_num"].map((counter) => name.replace("threshold", counter)));

const sparseDmWide = (depth: number): NetworkCase => ({
  name: `MeanSparse DMWideResNet-${depth}`,
  network: "dm_wide_resnet",
  arguments: { depth, widen: 1, classes, sparse: true },
  size,
  build: (options) => dmWideResNet({ ...options, classes, depth, widen: 1, meanSparse: true }),
  unused: sparseCounters,
});

const ra = { stemWidth: 12, blocks: [30, 31, 10], widths: [12, 16, 24] };
const raArguments = { stem: 12, blocks: ra.blocks, widths: ra.widths, classes };
const eighteen = { blocks: [2, 2, 2, 2], width: 8 };
const fifty = { blocks: [3, 4, 6, 3], width: 8, bottleneck: true };

/** Every network of RobustBench's table with its depth, but narrow; and the options that no entry takes. */
export const cases: readonly NetworkCase[] = [
  ...[28, 34, 70].map(wide),
  {
    ...wide(28),
    name: "WideResNet-28 with sub_block1",
    arguments: { depth: 28, widen: 1, classes, sub_block: true },
    unused: () => ["sub_block1."],
  },
  ...[28, 34, 70, 82, 94, 106].map(dmWide),
  ...[70, 94].map(sparseDmWide),
  {
    name: "DMWideResNet of grey images, padded, with ReLU",
    network: "dm_wide_resnet",
    arguments: {
      ...{ depth: 10, widen: 1, classes, activation: "relu", channels: 1, padding: 2 },
      normalization: { mean: [0.5], std: [0.5] },
    },
    size: 12,
    channels: 1,
    build: (options) =>
      dmWideResNet({
        ...{ ...options, classes, depth: 10, widen: 1, activation: "relu", channels: 1, padding: 2 },
        normalization: { mean: [0.5], std: [0.5] },
      }),
  },
  {
    name: "RaWideResNet-70-16",
    network: "ra_wide_resnet",
    arguments: raArguments,
    size,
    build: (options) => raWideResNet({ ...options, ...ra, classes }),
  },
  {
    name: "MeanSparse RaWideResNet-70-16",
    network: "ra_wide_resnet",
    arguments: { ...raArguments, sparse: true },
    size,
    build: (options) => raWideResNet({ ...options, ...ra, classes, meanSparse: true }),
    unused: sparseCounters,
  },
  {
    name: "WideResNet-A4",
    network: "wide_resnet_a4",
    arguments: { blocks: [27, 28, 13], widths: [8, 16, 12], classes },
    size,
    build: (options) => wideResNetA4({ ...options, classes, widths: [8, 16, 12] }),
  },
  {
    name: "DMPreActResNet-18",
    network: "dm_preact_resnet",
    arguments: { ...eighteen, classes },
    size: 16,
    build: (options) => dmPreActResNet({ ...options, ...eighteen, classes }),
  },
  {
    name: "PreActResNet-18",
    network: "preact_resnet",
    arguments: { ...eighteen, classes },
    size: 16,
    build: (options) => preActResNet({ ...options, ...eighteen, classes }),
  },
  {
    name: "PreActResNet-18, no last norm",
    network: "preact_resnet",
    arguments: { ...eighteen, classes, shortcut_of: "input", last_norm: false },
    size: 16,
    build: (options) => preActResNet({ ...options, ...eighteen, classes, shortcutOf: "input", lastNorm: false }),
  },
  {
    name: "PreActResNet-50",
    network: "preact_resnet",
    arguments: { ...fifty, classes },
    size: 16,
    build: (options) => preActResNet({ ...options, ...fifty, classes }),
  },
  {
    name: "ResNet-18",
    network: "resnet",
    arguments: { ...eighteen, classes },
    size: 16,
    build: (options) => resNet({ ...options, ...eighteen, classes }),
  },
  {
    name: "ResNet-50",
    network: "resnet",
    arguments: { ...fifty, classes },
    size: 16,
    build: (options) => resNet({ ...options, ...fifty, classes }),
  },
];
