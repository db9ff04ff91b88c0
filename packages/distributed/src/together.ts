import type { NamedTensors, Network, ProcessGroup } from "@awp/core";
import type { Together, TrainStep, TrainStepOptions } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import type { DataParallelOptions } from "./data-parallel-options";
import { requireDifferentExamples } from "./different-examples";
import { lossAcross, ownMean } from "./loss-across";
import { assignRankZeros } from "./rank-zeros";

/** The ranks as the step and the loop of each see them. */
export function together(
  group: ProcessGroup,
  { parameters, buffers }: Network,
  { weightAttack, batchNorm }: Required<DataParallelOptions>,
): Together {
  const followsRankZero = batchNorm === "per-replica" && buffers.size > 0;
  return {
    loss: (sum, rows) => lossAcross(group, parameters, sum, rows),
    step: (make) => (options) => {
      const step = make(weightAttack === "averaged" ? options : withOwnLoss(options));
      const follow = (): void => assignRankZeros(group, [buffers], "running statistics");
      return followsRankZero ? followedBy(step, follow) : step;
    },
    begin: async ({ indices }) => requireDifferentExamples(await group.allGather([...indices], "examples")),
    async agree(rows) {
      const all = await group.allGather(rows, "rows of a step");
      return all.reduce((sum, each) => sum + each, 0);
    },
    means: (tensors) => means(group, tensors),
  };
}

function followedBy(step: TrainStep, after: () => void): TrainStep {
  return (...given) =>
    tf.tidy(() => {
      const { loss } = step(...given);
      after();
      return { loss };
    });
}

/** The options of a step whose weight attack knows of this rank's rows alone. */
function withOwnLoss(options: TrainStepOptions): TrainStepOptions {
  const { weightAttack } = options;
  if (weightAttack === undefined) return options;
  return { ...options, weightAttack: (weights, loss, random) => weightAttack(weights, ownMean(loss), random) };
}

function means(group: ProcessGroup, tensors: NamedTensors): NamedTensors {
  const values = tf.tidy(() =>
    group.allReduce([...tensors.values()], "recomputed statistics").map((sum) => tf.div(sum, group.size)),
  );
  return new Map([...tensors.keys()].map((name, index) => [name, values[index] as tf.Tensor]));
}
