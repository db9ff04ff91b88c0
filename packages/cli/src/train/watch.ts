import { percent } from "../terminal/table";
import type { Progress } from "../terminal/progress";
import { about, type Passes } from "./estimate";
import type { StepEvent } from "@awp/train";
import type { RunEvent } from "./run";

export interface WatchedTraining {
  /** Tells it from the others. */
  readonly path: string;
  readonly title: string;
  readonly passes: Passes;
}

export interface WatchOptions {
  readonly progress: Progress;
  /** What the command is about to do; said first, with the time that it will take. */
  readonly plan: string;
  /** Said after the plan. */
  readonly notes: readonly string[];
  readonly epochs: number;
  readonly trainings: readonly WatchedTraining[];
  /** How many are trained at once. */
  readonly parallel: number;
}

export interface Watch {
  show(path: string, event: RunEvent): void;
  /** Seconds that the whole takes by the steps so far; undefined before the first of each that runs. */
  estimate(): number | undefined;
  /** Says what has not been said yet. */
  end(): void;
}

/** How long the plan waits for the time that goes with it, in milliseconds. */
const patience = 10_000;

/** Tells how trainings go: the plan with an estimate from the first steps, then a line for each epoch. */
export function watch({ progress, plan, notes, epochs, trainings, parallel }: WatchOptions): Watch {
  const width = Math.max(...trainings.map(({ title }) => title.length));
  const tasks = new Map(trainings.map(({ path, title }) => [path, progress.task(title.padEnd(width))]));
  const passes = new Map(trainings.map((each) => [each.path, each.passes]));
  const held: (() => void)[] = notes.map((note) => () => progress.note(note));
  const secondsPerPass = new Map<string, number>();
  const started = new Set<string>();
  const done = new Map<string, number>();
  let announced = false;

  function announce(time: string): void {
    clearTimeout(timer);
    if (announced) return;
    announced = true;
    progress.note(`${plan}${time}`);
    for (const say of held.splice(0)) say();
  }
  const timer = setTimeout(announce, patience, "; how long it takes, its first steps will tell");
  timer.unref();

  function estimate(): number | undefined {
    if (secondsPerPass.size < Math.min(parallel, passes.size)) return undefined;
    const pace = [...secondsPerPass.values()].reduce((sum, each) => sum + each, 0) / secondsPerPass.size;
    const each = [...passes].map(([name, { total }]) => pace * total * (1 - (done.get(name) ?? 0)));
    return Math.max(...each, each.reduce((sum, seconds) => sum + seconds, 0) / parallel);
  }

  /** Notes the pace of a training's first steps, but for the very first ones, which load and compile. */
  function measure(name: string, { step, stepsPerEpoch, secondsPerStep }: StepEvent): void {
    if (secondsPerPass.has(name)) return;
    if (!started.has(name) && step < stepsPerEpoch) return void started.add(name);
    secondsPerPass.set(name, secondsPerStep / (passes.get(name)?.step ?? 1));
    const seconds = estimate();
    if (seconds === undefined) return;
    if (announced) progress.note(`${about(seconds)}, by the first steps`);
    else announce(`, ${about(seconds)}`);
  }

  return {
    show(name, event) {
      const task = tasks.get(name);
      if (task === undefined) return;
      if (event.kind === "resumed") done.set(name, event.epoch / epochs);
      if (event.kind === "step") measure(name, event);
      const line = describe(event, epochs);
      if (line !== undefined) {
        if (announced) task.note(line);
        else held.push(() => task.note(line));
      }
      if (event.kind !== "step") return;
      const share = (event.epoch + event.step / event.stepsPerEpoch) / epochs;
      task.update(share, `epoch ${event.epoch + 1}/${epochs}  loss ${event.loss.toFixed(3)}`);
    },
    estimate,
    end: () => announce(""),
  };
}

/** An event in words, if it is worth a line. */
function describe(event: RunEvent, epochs: number): string | undefined {
  switch (event.kind) {
    case "epoch": {
      const { natural = Number.NaN, robust = Number.NaN } = event.metrics;
      const accuracies = `validation: natural ${percent(natural)}, robust ${percent(robust)}`;
      return `epoch ${event.epoch + 1}/${epochs}  loss ${event.loss.toFixed(3)}  ${accuracies}  ${event.seconds.toFixed(1)} s`;
    }
    case "evaluating":
      return `evaluating on ${event.what}`;
    case "resumed":
      return `resumed in epoch ${event.epoch + 1}${event.step > 0 ? ` after step ${event.step}` : ""}, from ${event.place}`;
    case "paused":
      return `paused in epoch ${event.epoch + 1}${event.step > 0 ? ` after step ${event.step}` : ""}`;
    case "warning":
      return event.message;
    case "collapse":
      return `epoch ${event.epoch + 1}: ${event.metric} is ${percent(event.value)}, no better than a guess`;
    default:
      return undefined;
  }
}
