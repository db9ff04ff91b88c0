import type { ThreatModel, TrackingAttack } from "@awp/core";
import { apgd } from "../apgd/apgd";
import { fab } from "../minimal-norm/fab";
import { type Goal, towardsRank } from "../objective/goal";
import { crossEntropyObjective, dlrObjective, targetedDlrObjective } from "../objective/objective";
import { square } from "../query/square/square";
import { type AutoAttackVersion, leastClasses, type StageName, stageNames } from "./stage-names";

/** One attack of a stage. */
export interface StageAttack {
  /** The restart, or the rank of the target class. */
  readonly label: string;
  readonly attack: TrackingAttack<unknown>;
}

/** A stage: attacks one after the other, each on what the ones before left robust. */
export interface Stage {
  readonly name: StageName;
  readonly attacks: readonly StageAttack[];
  /** Iterations between two looks at what is broken. */
  readonly block: number;
}

/** The stages of a version of AutoAttack (arXiv:2003.01690; ℓ1: arXiv:2103.01208), in the order of the reference. */
export function stagesOf(version: AutoAttackVersion, threat: ThreatModel, classes: number): Stage[] {
  const plus = version === "plus";
  const restarts = plus || threat.norm === "l1" ? 5 : 1;
  const targets = Math.min(threat.norm === "l1" ? 5 : 9, classes - 1);
  const climb = { ...threat, largeEpsilons: threat.norm === "l1", eotSteps: version === "rand" ? 20 : 1 };
  const makers: Record<StageName, () => StageAttack[]> = {
    "apgd-ce": () => repeated(restarts, () => apgd({ ...climb, objective: crossEntropyObjective() })),
    "apgd-dlr": () => repeated(restarts, () => apgd({ ...climb, objective: dlrObjective() })),
    "apgd-t": () => targeted(targets, (goal) => apgd({ ...climb, objective: targetedDlrObjective(), goal })),
    fab: () => repeated(1, () => fab({ ...threat, restarts: plus ? 5 : 1 })),
    "fab-t": () => targeted(Math.min(9, classes - 1), (goal) => fab({ ...threat, goal })),
    square: () => repeated(1, () => square({ ...threat })),
  };
  return stageNames(version)
    .filter((name) => classes >= leastClasses[name])
    .map((name) => ({ name, attacks: makers[name](), block: name === "square" ? 50 : 10 }));
}

function repeated<State>(count: number, make: () => TrackingAttack<State>): StageAttack[] {
  return Array.from({ length: count }, (_, restart) => ({
    label: `restart ${restart + 1}`,
    attack: erased(make()),
  }));
}

function targeted<State>(count: number, make: (goal: Goal) => TrackingAttack<State>): StageAttack[] {
  return Array.from({ length: count }, (_, k) => ({
    label: `target ${k + 2}`,
    attack: erased(make(towardsRank(k + 2))),
  }));
}

/** A driver hands each state back to the attack that made it, and looks into none. */
function erased<State>(attack: TrackingAttack<State>): TrackingAttack<unknown> {
  return attack as unknown as TrackingAttack<unknown>;
}
