import type { Ranks } from "../ranks/ranks";
import type { Progress } from "../terminal/progress";
import { attackNamed, autoAttackVersion } from "./named-attack";
import type { AttackRun } from "./report";
import { radius } from "./radius";
import { runAutoAttack } from "./run-auto-attack";
import { runNearest } from "./run-nearest";
import { runPlain } from "./run-plain";
import type { Found, Trial, Watch } from "./trial";

/** What accompanies the attacks of an evaluation. */
export interface Attendance {
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  /** The processes that share the images. */
  readonly ranks: Ranks;
  /** The file of AutoAttack's state at a radius. */
  readonly stateFile: (attack: string, epsilon: number) => string | undefined;
}

/** Runs an attack at each radius; the signal ends it between two batches, with the signal's reason. */
export async function runAttack(
  trial: Trial,
  epsilons: readonly number[],
  { progress, signal, ranks, stateFile }: Attendance,
): Promise<readonly AttackRun[]> {
  const { attack } = trial;
  const version = autoAttackVersion(attack);
  if (version === undefined && attackNamed(attack).anyRadius === true) {
    const started = performance.now();
    const found = await runNearest(trial, epsilons, { task: progress.task(attack), signal, ranks });
    const seconds = secondsSince(started) / epsilons.length;
    return found.map((each, i) => runOf(trial, epsilons[i] as number, each, seconds));
  }
  const runs: AttackRun[] = [];
  for (const epsilon of epsilons) {
    const started = performance.now();
    const watch: Watch = { task: progress.task(`${attack} ${radius(epsilon)}`), signal, ranks };
    const found =
      version === undefined || epsilon === 0
        ? await runPlain(trial, epsilon, watch)
        : await runAutoAttack(version, trial, epsilon, stateFile(attack, epsilon), watch);
    runs.push(runOf(trial, epsilon, found, secondsSince(started)));
  }
  return runs;
}

function runOf({ attack, norm }: Trial, epsilon: number, found: Found, seconds: number): AttackRun {
  const { perExample, ...figures } = found;
  return { attack, norm, epsilon, examples: perExample.length, ...figures, seconds, perExample };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
