import { percent } from "../terminal/table";
import { about } from "../train/estimate";
import type { TimedEpoch } from "../runs/metrics";
import type { Snapshot, TrainingSnapshot } from "./snapshot";

/** How far a training is. */
export function progressOf({ state, epochs, done, within }: TrainingSnapshot): string {
  const at = `epoch ${Math.min(done.length + 1, epochs)}/${epochs}`;
  if (state === "waiting") return "waiting for its turn";
  if (state === "training")
    return `${at}${within === null ? "" : `, step ${within.step}/${within.stepsPerEpoch}, loss ${within.loss.toFixed(3)}`}`;
  if (state === "done") return done.length < epochs ? `done after ${done.length} of ${epochs} epochs` : "done";
  return `${state}, ${done.length} of ${epochs} epochs done`;
}

/** The share of a training that is done, from 0 to 1. */
export function shareOf({ state, epochs, done, within }: TrainingSnapshot): number {
  if (state === "done") return 1;
  return Math.min(1, (done.length + (within === null ? 0 : within.step / within.stepsPerEpoch)) / epochs);
}

/** How long the epochs that are left take by the last ones; nothing where nothing tells. */
export function timeLeftOf(training: TrainingSnapshot): string {
  const seconds = training.done.slice(-5).flatMap((epoch) => epoch.seconds ?? []);
  if (training.state !== "training" || seconds.length === 0) return "";
  const each = seconds.reduce((sum, one) => sum + one, 0) / seconds.length;
  return `${about(each * training.epochs * (1 - shareOf(training)))} left`;
}

/** What is drawn of trainings: the loss, and the figures on held out images that any of them has. */
export function metricsOf(trainings: readonly TrainingSnapshot[]): readonly string[] {
  return ["loss", ...new Set(trainings.flatMap(({ done }) => done.flatMap(({ metrics }) => Object.keys(metrics))))];
}

/** An epoch's figure; NaN where it has none of that name. */
export function valueOf({ loss, metrics }: TimedEpoch, metric: string): number {
  return metric === "loss" ? loss : (metrics[metric] ?? Number.NaN);
}

/** A figure as it is read: accuracies in per cent, anything else as it is. */
export function figureOf(metric: string, value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  return metric === "loss" ? value.toFixed(3) : percent(value);
}

/** The accuracies of the evaluation at the end. */
export function accuraciesOf({ accuracies }: TrainingSnapshot): string {
  const splits = [...new Set(accuracies.map(({ split }) => split))];
  return splits
    .map((split) => {
      const own = accuracies.filter((row) => row.split === split);
      return `${split}: ${own.map(({ attack, accuracy }) => `${attack} ${percent(accuracy)}`).join(", ")}`;
    })
    .join("; ");
}

/** An epoch in a line of a log. */
export function epochLine(epochs: number, { epoch, loss, metrics, seconds }: TimedEpoch): string {
  const figures = Object.entries(metrics).map(([name, value]) => `${name} ${figureOf(name, value)}`);
  const time = seconds === undefined ? "" : `  ${seconds.toFixed(1)} s`;
  return `epoch ${epoch}/${epochs}  loss ${figureOf("loss", loss)}  validation: ${figures.join(", ")}${time}`;
}

/** Seconds of silence after which one wonders whether the training still runs. */
const patience = 60;

/** What a run is at. */
export function stateOf({ state, heard }: Snapshot, now: number): string {
  const silent = heard === null ? 0 : (now - heard) / 1000;
  return state === "running" && silent > patience ? `running; last heard of ${about(silent)} ago` : state;
}
