import type { Snapshot } from "./snapshot";
import { accuraciesOf, figureOf, progressOf, shareOf, stateOf, timeLeftOf } from "./words";

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
    /** A curve for each training, in their order; a value that is not finite is null. */
    readonly series: readonly (readonly (readonly [epoch: number, value: number | null])[])[];
  }[];
}

/** The page's data of a snapshot; `now` is in milliseconds since 1970. */
export function pageDataOf(snapshot: Snapshot, now: number): PageData {
  const { folder, about, trainings } = snapshot;
  const metrics = new Set(trainings.flatMap(({ done }) => done.flatMap((epoch) => Object.keys(epoch.metrics))));
  const names = ["loss", ...metrics];
  const figure = (epoch: (typeof trainings)[number]["done"][number] | undefined, name: string): number | undefined =>
    name === "loss" ? epoch?.loss : epoch?.metrics[name];
  return {
    title: `${folder}: ${about}`,
    state: stateOf(snapshot, now),
    trainings: trainings.map((training) => ({
      name: training.name,
      progress: progressOf(training),
      share: shareOf(training),
      left: timeLeftOf(training),
      figures: names.map((name) => `${name} ${figureOf(name, figure(training.done.at(-1), name))}`),
      accuracies: accuraciesOf(training),
    })),
    charts: names.map((name) => ({
      name: name === "loss" ? "training loss" : `${name} accuracy on validation images`,
      percent: name !== "loss",
      series: trainings.map(({ done }) => done.map((epoch) => [epoch.epoch, figure(epoch, name) ?? null] as const)),
    })),
  };
}
