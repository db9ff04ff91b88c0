import type { Snapshot, TrainingSnapshot } from "./snapshot";
import { accuraciesOf, figureOf, metricsOf, progressOf, shareOf, stateOf, timeLeftOf, valueOf } from "./words";

/** What the page shows: words, and curves by their points. */
export interface PageData {
  readonly title: string;
  readonly state: string;
  readonly trainings: readonly {
    readonly name: string;
    readonly progress: string;
    /** How much is done, from 0 to 1. */
    readonly share: number;
    readonly left: string;
    /** The last epoch's figures, in the order of the charts. */
    readonly figures: readonly string[];
    readonly accuracies: string;
  }[];
  readonly charts: readonly {
    readonly name: string;
    readonly percent: boolean;
    /** A curve for each training, in their order; a value that is not finite is null in JSON. */
    readonly series: readonly (readonly (readonly [epoch: number, value: number])[])[];
  }[];
}

/** The page's data of a snapshot; `now` is in milliseconds since 1970. */
export function pageDataOf(snapshot: Snapshot, now: number): PageData {
  const { folder, about, trainings } = snapshot;
  const names = metricsOf(trainings);
  const lastOf = ({ done }: TrainingSnapshot, name: string): number | undefined => {
    const last = done.at(-1);
    return last && valueOf(last, name);
  };
  return {
    title: `${folder}: ${about}`,
    state: stateOf(snapshot, now),
    trainings: trainings.map((training) => ({
      name: training.name,
      progress: progressOf(training),
      share: shareOf(training),
      left: timeLeftOf(training),
      figures: names.map((name) => `${name} ${figureOf(name, lastOf(training, name))}`),
      accuracies: accuraciesOf(training),
    })),
    charts: names.map((name) => ({
      name: name === "loss" ? "training loss" : `${name} accuracy on validation images`,
      percent: name !== "loss",
      series: trainings.map(({ done }) => done.map((epoch) => [epoch.epoch, valueOf(epoch, name)] as const)),
    })),
  };
}
