import type { Batch, NamedTensors, Network, Parameters, ProcessGroup } from "@awp/core";
import { requireArgument, requireChoice } from "@awp/core/authoring";
import type { Together, TrainOptions, TrainStep, TrainStepOptions } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import { agreed } from "./agreement";
import { requireDifferentExamples } from "./different-examples";
import { lossAcross, ownMean } from "./loss-across";
import { requireSameTraining } from "./same-training";
import { storeOfRankZero } from "./store-of-rank-zero";

export interface DataParallelOptions {
  /**
   * Which gradient a weight attack climbs: that over the rows of all ranks, so that n ranks are one big batch, or each
   * rank that over its own, so that each finds a perturbation of its own and saves a reduction.
   *
   * @default "averaged"
   */
  readonly weightAttack?: "averaged" | "per-rank";
}

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
 * A group of one process gets the options as they are.
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
  { weightAttack = "averaged" }: DataParallelOptions = {},
): Promise<TrainOptions> {
  requireChoice("weightAttack", weightAttack, ["averaged", "per-rank"]);
  requireArgument(options.across === undefined, "across", options.across, "none: dataParallel sets it");
  if (group.size === 1) return options;
  await requireSameTraining(group, options, { modes: { weightAttack } });
  beginAlike(group, options);

  const { network, evaluate, store } = options;
  const perRank = weightAttack === "per-rank" && { "ranks.weightAttack": weightAttack };
  return {
    ...options,
    across: together(group, network, weightAttack),
    pause: agreed(group, options.pause),
    signal: agreed(group, options.signal),
    settings: { ...options.settings, ...perRank },
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

function assignRankZeros(group: ProcessGroup, weights: readonly Parameters[], what: string): void {
  const variables = weights.flatMap((each) => [...each.values()]);
  if (variables.length === 0) return;
  tf.tidy(() => {
    const values = group.broadcast(variables, what);
    for (const [index, variable] of variables.entries()) variable.assign(values[index] as tf.Tensor);
  });
}

function together(group: ProcessGroup, network: Network, weightAttack: "averaged" | "per-rank"): Together {
  const { parameters, buffers } = network;
  return {
    loss: (sum, rows) => lossAcross(group, parameters, sum, rows),
    step: (make) => (options) => {
      const step = make(weightAttack === "averaged" ? options : withOwnLoss(options));
      return buffers.size === 0
        ? step
        : followedBy(step, () => assignRankZeros(group, [buffers], "running statistics"));
    },
    begin: async (batch: Batch) => requireDifferentExamples(await group.allGather([...batch.indices], "examples")),
    async agree(rows) {
      const all = await group.allGather(rows, "rows of a step");
      return all.reduce((sum, each) => sum + each, 0);
    },
    means: (tensors) => means(group, tensors),
  };
}

function followedBy(step: TrainStep, after: () => void): TrainStep {
  return (...given) => {
    const result = step(...given);
    after();
    return result;
  };
}

/** The step whose weight attack knows of this rank's rows alone. */
function withOwnLoss(options: TrainStepOptions): TrainStepOptions {
  const { weightAttack } = options;
  if (weightAttack === undefined) return options;
  return {
    ...options,
    weightAttack: (weights, loss, random) => weightAttack(weights, ownMean(loss), random),
  };
}

function means(group: ProcessGroup, tensors: NamedTensors): NamedTensors {
  const values = tf.tidy(() =>
    group.allReduce([...tensors.values()], "recomputed statistics").map((sum) => tf.div(sum, group.size)),
  );
  return new Map([...tensors.keys()].map((name, index) => [name, values[index] as tf.Tensor]));
}
