import type { RunEvent, RunOutcome } from "./run";

/** Who is told how trainings go, each by its path within the run: the terminal, a file. */
export interface Onlooker {
  show(path: string, event: RunEvent): void;
  /** A training was through before. */
  through?(path: string, outcome: RunOutcome): void;
  /** A training is through, or paused. */
  ended?(path: string, outcome: RunOutcome): void;
}
