import type { Random } from "@awp/core";
import type { TrainOptions } from "./train-options";
import type { Metrics } from "../store/metrics";

type EvaluationOptions = Pick<TrainOptions, "network" | "evaluate" | "signal" | "pause">;

/** Figures of the epoch just trained; undefined where the training is to pause before they are there. */
export type Evaluation = (epoch: number, random: Random) => Promise<Metrics | undefined>;

/** The evaluation of a training, which a pause breaks off. */
export function evaluation({ network, evaluate, signal, pause }: EvaluationOptions): Evaluation {
  const interruption = AbortSignal.any([signal, pause].filter((each) => each !== undefined));
  return async (epoch, random) => {
    if (pause?.aborted === true) return undefined;
    try {
      return (await evaluate?.(network, epoch, random, interruption)) ?? {};
    } catch (error) {
      const { aborted } = pause ?? { aborted: false };
      const brokenOff = error === interruption.reason || (error as Partial<Error> | undefined)?.name === "AbortError";
      if (aborted && brokenOff) return undefined;
      throw error;
    }
  };
}
