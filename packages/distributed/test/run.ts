import { drain, type ProcessGroup, useBackend } from "@awp/core";
import { freeStep, swa, train, type TrainOptions } from "@awp/train";
import { runDirectory } from "@awp/train/node";
import { awp } from "@awp/perturb";
import { join } from "node:path";
import { agreeing, dataParallel } from "../src/index";
import { disposed, options, type Settings, type Trained } from "./training";

/** A training with a store, and what goes wrong or is asked for on one of its ranks. */
export interface Run extends Settings {
  /** Each rank's own folder lies in it. */
  readonly folder?: string;
  readonly resume?: boolean;
  /** Asks for a pause, or an end, on that rank at that step of the whole training. */
  readonly pause?: readonly [rank: number, step: number];
  readonly end?: readonly [rank: number, step: number];
  /** Options that this rank has besides. */
  readonly other?: readonly [rank: number, Partial<TrainOptions>];
  readonly rate?: number;
  /** Gives all ranks the whole batches. */
  readonly whole?: boolean;
  readonly with?: "swa" | "free" | "lossBelow" | "evaluation";
}

export interface Ran extends Trained {
  readonly paused: string | undefined;
  readonly events: readonly string[];
  /** What this rank's own evaluations came to, and what the training was told. */
  readonly figures: readonly (readonly [own: number, told: number | undefined])[];
}

export async function ran(given: ProcessGroup, run: Run): Promise<Ran> {
  await useBackend("wasm");
  const group = agreeing(given);
  const [pause, end] = [new AbortController(), new AbortController()];
  const own: number[] = [];
  const told: (number | undefined)[] = [];
  const base = options(run.whole ? { rank: group.rank, size: 1 } : group, run);
  const more: Partial<TrainOptions> = {
    ...(run.folder && { store: runDirectory(join(run.folder, `rank-${group.rank}`)), resume: run.resume ?? false }),
    ...(run.rate && { schedule: () => run.rate as number }),
    ...(run.with === "free" && { step: freeStep({ norm: "linf", epsilon: 8 / 255, replays: 2 }) }),
    ...(run.with === "lossBelow" && { weightAttack: awp({ gamma: 0.01, lossBelow: 1.4 }) }),
    ...(run.with === "swa" && { average: swa({ start: 1 }) }),
    ...(run.with === "evaluation" && {
      evaluate: () => {
        own.push(own.length + 10 * group.rank);
        return Promise.resolve({ figure: own.at(-1) as number });
      },
      selection: { metric: "figure", on: "validation" },
    }),
    ...(run.other?.[0] === group.rank && run.other[1]),
    pause: pause.signal,
    signal: end.signal,
  };
  const training: TrainOptions = { ...base, ...more };
  const { weightAttack, batchNorm } = run;
  const modes = { ...(weightAttack && { weightAttack }), ...(batchNorm && { batchNorm }) };
  const events: string[] = [];
  const losses: number[] = [];
  const asked = (what: Run["pause"]) => what?.[0] === group.rank && losses.length === what[1];
  try {
    const { paused } = await drain(train(await dataParallel(training, group, modes)), (event) => {
      events.push(event.kind);
      if (event.kind === "epoch") told.push(event.metrics["figure"]);
      if (event.kind !== "step") return;
      losses.push(event.loss);
      if (asked(run.pause)) pause.abort();
      if (asked(run.end)) end.abort(new Error("enough"));
    });
    const result = disposed(training, losses);
    const place = paused && `${paused.epoch}+${paused.step}`;
    return { ...result, paused: place, events, figures: own.map((value, index) => [value, told[index]]) };
  } catch (error) {
    disposed(training, losses);
    throw error;
  } finally {
    if (more.average) base.average?.dispose();
  }
}
