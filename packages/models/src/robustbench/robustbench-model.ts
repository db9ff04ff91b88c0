import type { Network, Random } from "@awp/core";
import type { Architecture } from "./architectures";

/** A model of RobustBench's leaderboards (arXiv:2010.09670): what is published of it, and its network where we have it. */
export interface RobustBenchModel {
  /** The name by which RobustBench loads it. Leaderboards share names: with the data set and the threat model it is unique. */
  readonly name: string;
  readonly dataset: "cifar10" | "cifar100";
  readonly threatModel: "linf" | "l2";
  /** The radius at which it was evaluated, in the scale of images in [0, 1]. */
  readonly epsilon: number;
  readonly architecture: string;
  /**
   * Makes the network with random weights. It takes images in [0, 1], `[batch, 32, 32, 3]`, and normalises them inside
   * where the published one does. Undefined where {@link unsupported} says why.
   */
  readonly network: ((options: { readonly random: Random }) => Network) | undefined;
  /** Why there is no network. */
  readonly unsupported?: string;
  /** How its file is read into the network: options of `loadWeights` of `@awp/models/node`. */
  readonly weights: {
    /** Where in the file its weights are, if the file has more than one network's. */
    readonly key?: string;
    /** Beginnings of the names in the file that the network does not have. */
    readonly unused: readonly string[];
  };
  /** The fraction of CIFAR's test images that it is right on, as published. */
  readonly cleanAccuracy: number;
  /** The fraction that AutoAttack leaves it right on, as published. */
  readonly autoAttackAccuracy: number;
  /** The fraction that a stronger attack than AutoAttack leaves, where one is published: the leaderboards rank by it. */
  readonly externalAccuracy?: number;
  /** The address of its paper. */
  readonly paper: string;
  /** Where its file is. */
  readonly source?: { readonly googleDriveId: string };
}

/** The accuracy that the leaderboards rank by: under the strongest attack that is published. */
export function rankedAccuracy({ autoAttackAccuracy, externalAccuracy }: RobustBenchModel): number {
  return externalAccuracy ?? autoAttackAccuracy;
}

/** A leaderboard's line: name, architecture, accuracies in per cent, the paper's arXiv id or address, Google Drive's id. */
export type Row = readonly [
  name: string,
  architecture: Architecture,
  clean: number,
  autoAttack: number,
  paper: string,
  file?: string | undefined,
  more?: { readonly external?: number; readonly epsilon?: number; readonly key?: string },
];

type Leaderboard = Pick<RobustBenchModel, "dataset" | "threatModel" | "epsilon">;

/** The models of a leaderboard, best first. */
export function leaderboard(board: Leaderboard, rows: readonly Row[]): readonly RobustBenchModel[] {
  const classes = board.dataset === "cifar10" ? 10 : 100;
  const models = rows.map(([name, architecture, clean, autoAttack, paper, file, more = {}]): RobustBenchModel => {
    const { network, unsupported, unused } = architecture;
    return {
      ...board,
      name,
      epsilon: more.epsilon ?? board.epsilon,
      architecture: architecture.name,
      network: network && ((options) => network({ ...options, classes })),
      ...(unsupported !== undefined && { unsupported }),
      weights: { unused, ...(more.key !== undefined && { key: more.key }) },
      cleanAccuracy: fraction(clean),
      autoAttackAccuracy: fraction(autoAttack),
      ...(more.external !== undefined && { externalAccuracy: fraction(more.external) }),
      paper: paper.startsWith("https:") ? paper : `https://arxiv.org/abs/${paper}`,
      ...(file !== undefined && { source: { googleDriveId: file } }),
    };
  });
  return models.sort((a, b) => rankedAccuracy(b) - rankedAccuracy(a));
}

/** A published figure, per cent with two digits, as the float nearest to its fraction. */
const fraction = (percent: number): number => Math.round(percent * 100) / 10_000;
