import type { Network, ProcessGroup } from "@awp/core";
import { requireArgument, requireChoice, withStatisticsAcross } from "@awp/core/authoring";
import type { TrainOptions } from "@awp/train";
import { agreed } from "./agreement";
import type { DataParallelOptions } from "./data-parallel-options";
import { assignRankZeros } from "./rank-zeros";
import { requireSameTraining } from "./same-training";
import { storeOfRankZero } from "./store-of-rank-zero";
import { together } from "./together";

/**
 * The options of a training of one process, made into those of each process of a group, which train one network
 * together. Each rank calls this with the same options, and trains with what it gets:
 *
 * - `batches` gives each rank rows of its own of each batch: `batches(set, { shard: group, … })` of `@awp/data`.
 * - The loss is the mean over the rows of all ranks, and so are its gradient and that of the weight attack.
 * - Weights, optimizer and average begin as rank 0's, and stay the same on all; running statistics are rank 0's.
 * - Rank 0 reads and writes the `store`; all ranks go on from what it reads, however many they are.
 * - `evaluate` runs on all ranks, and rank 0's figures count. `pause` and `signal` of any rank are those of all.
 *
 * A group of one process gets the options as they are, but for what names the two modes in the store.
 *
 * @example
 * const group = await processGroup();
 * const training = train(await dataParallel({ ...settings, batches: (_, order) => batches(trainSet, { batchSize: 128, random: order, shard: group }) }, group));
 * for await (const event of training) if (event.kind === "epoch" && group.rank === 0) console.log(event.epoch, event.loss);
 * @throws AwpError on all ranks where one has another training: names it and what differs
 */
export async function dataParallel(
  options: TrainOptions,
  group: ProcessGroup,
  { weightAttack = "averaged", batchNorm = "per-replica" }: DataParallelOptions = {},
): Promise<TrainOptions> {
  requireChoice("weightAttack", weightAttack, ["averaged", "per-rank"]);
  requireChoice("batchNorm", batchNorm, ["per-replica", "synchronised"]);
  requireArgument(options.across === undefined, "across", options.across, "none: dataParallel sets it");
  const perRank = weightAttack === "per-rank";
  const decay = !perRank || options.decayAt !== "perturbed";
  requireArgument(
    decay,
    "decayAt",
    options.decayAt,
    '"clean" with a weight attack per rank: w + v differs between them',
  );
  const synchronised = batchNorm === "synchronised";
  // Of a process alone too, so that its run goes on with several, and theirs alone.
  const named: TrainOptions = {
    ...options,
    ...(perRank && { decayAt: "clean" }),
    settings: {
      ...options.settings,
      ...(perRank && { "ranks.weightAttack": weightAttack }),
      ...(synchronised && { "ranks.batchNorm": batchNorm }),
    },
  };
  if (group.size === 1) return named;
  await requireSameTraining(group, options, { modes: { weightAttack, batchNorm } });
  beginAlike(group, options);

  const { network, evaluate, store } = options;
  return {
    ...named,
    network: synchronised ? withCommonStatistics(network, group) : network,
    across: together(group, network, { weightAttack, batchNorm }),
    pause: agreed(group, options.pause),
    signal: agreed(group, options.signal),
    ...(store && { store: storeOfRankZero(store, group) }),
    ...(evaluate && {
      async evaluate(_, ...rest) {
        const [figures] = await group.allGather(await evaluate(network, ...rest), "figures of an evaluation");
        return figures ?? {};
      },
    }),
  };
}

/** Gives everything that a training moves rank 0's values. */
function beginAlike(group: ProcessGroup, { network, optimizer, average }: TrainOptions): void {
  assignRankZeros(group, [network.parameters, network.buffers, optimizer.state], "weights");
  if (average) assignRankZeros(group, [average.weights.parameters, average.weights.buffers], "averaged weights");
}

/** The network with batch normalisation synchronised, where it normalises by the batch. */
function withCommonStatistics(network: Network, group: ProcessGroup): Network {
  const { parameters, buffers } = network;
  return {
    parameters,
    buffers,
    forward: (x, mode) =>
      mode === "eval" ? network.forward(x, mode) : withStatisticsAcross(group, () => network.forward(x, mode)),
  };
}
