import type { Batch, Random } from "@awp/core";
import type { TrainOptions } from "./train-options";
import { settleStatistics } from "../average/settle-statistics";
import { withAverage } from "../average/with-average";
import type { Metrics } from "../store/metrics";

type EvaluationOptions = Pick<
  TrainOptions,
  "network" | "evaluate" | "signal" | "pause" | "average" | "evaluated" | "across"
>;

/** Figures of the epoch whose batches these are, just trained; undefined where the training is to pause before they are there. */
export type Evaluation = (
  epoch: number,
  random: Random,
  batches: () => Iterable<Batch> | AsyncIterable<Batch>,
) => Promise<Metrics | undefined>;

/** The evaluation of a training, of its averaged weights if there are any, which a pause breaks off. */
export function evaluation(options: EvaluationOptions): Evaluation {
  const { network, evaluate, signal, pause, average, evaluated = "average", across } = options;
  const interruption = AbortSignal.any([signal, pause].filter((each) => each !== undefined));
  return async (epoch, random, batches) => {
    if (pause?.aborted === true) return undefined;
    const figures = async (): Promise<Metrics> => (await evaluate?.(network, epoch, random, interruption)) ?? {};
    try {
      if (average === undefined) return await figures();
      await settleStatistics(network, average, batches, interruption, across?.means);
      return evaluated === "live" ? await figures() : await withAverage(network, average, figures);
    } catch (error) {
      const { aborted } = pause ?? { aborted: false };
      const brokenOff = error === interruption.reason || (error as Partial<Error> | undefined)?.name === "AbortError";
      if (aborted && brokenOff) return undefined;
      throw error;
    }
  };
}
