import { type RunStatus, type TrainingStatus, writeStatus } from "../runs/status-file";
import type { Share } from "../options/parsers";
import type { Onlooker } from "./onlooker";
import type { RunOutcome } from "./run";

/** What may have become of a run. */
export type EndState = Exclude<RunStatus["state"], "running">;

/** Keeps a run's status file up to date. */
export interface Status extends Onlooker {
  /** Notes what has become of the whole. */
  end(state: EndState): void;
}

/** Milliseconds between two writings: often enough to look at, and no work. */
const interval = 1000;

/**
 * Writes into the run's folder, or of a share of it beside those of the others, at most once a second and at once where
 * something begins or ends.
 */
export function statusOf(run: string, share?: Share, now: () => number = Date.now): Status {
  const trainings: Record<string, TrainingStatus> = {};
  let written = Number.NEGATIVE_INFINITY;
  const write = (state: RunStatus["state"] = "running"): void => {
    written = now();
    writeStatus(run, { state, at: written, trainings }, share);
  };
  const change = (path: string, changed: Partial<TrainingStatus>): void => {
    const before = trainings[path] ?? { epoch: 0, step: 0, stepsPerEpoch: 0, loss: Number.NaN };
    trainings[path] = { state: "training", ...before, ...changed };
  };
  const ended = (path: string, outcome: RunOutcome): void => {
    change(path, { state: outcome.kind });
    write();
  };
  write();
  return {
    show(path, event) {
      if (event.kind === "step") {
        const { epoch, step, stepsPerEpoch, loss } = event;
        change(path, { state: "training", epoch, step, stepsPerEpoch, loss });
        if (now() - written < interval) return;
      } else if (event.kind === "epoch") change(path, { state: "training", epoch: event.epoch + 1, step: 0 });
      else if (event.kind === "evaluating") change(path, { state: "evaluating" });
      else return;
      write();
    },
    through: ended,
    ended,
    end: write,
  };
}
