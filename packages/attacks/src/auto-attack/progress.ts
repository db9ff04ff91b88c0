import type { Found } from "./finding";
import type { Passes } from "./passes";
import type { StageReport } from "./report";
import type { Stage, StageAttack } from "./stages";
import type { AutoAttackState } from "./state";

/** One attack of one stage, with its place among the others. */
export interface Round {
  readonly stage: number;
  readonly attack: number;
  readonly stageAttack: StageAttack;
  readonly of: Stage;
}

/** The rounds of an evaluation from a cursor on, in their order. */
export function roundsFrom(
  stages: readonly Stage[],
  { stage: first, attack: from }: AutoAttackState["cursor"],
): Round[] {
  const all = stages.flatMap((of, stage) =>
    of.attacks.map((stageAttack, attack) => ({ stage, attack, stageAttack, of })),
  );
  return all.filter(({ stage, attack }) => stage > first || (stage === first && attack >= from));
}

/** The state with a report of the round's stage, if there is none yet. */
export function opened(state: AutoAttackState, { stage, of: { name } }: Round): AutoAttackState {
  if (state.stages[stage] !== undefined) return state;
  const report: StageReport = {
    name,
    attacked: robustPositions(state).length,
    broken: 0,
    robustAccuracy: share(state.robust),
    seconds: 0,
    passes: { forward: 0, backward: 0 },
  };
  return { ...state, stages: [...state.stages, report] };
}

/** The positions that a round has still to attack. */
export function positionsOf({ cursor, ...state }: AutoAttackState, { stage, attack }: Round): number[] {
  const begun = cursor.stage === stage && cursor.attack === attack;
  return robustPositions(state).filter((position) => !begun || position >= cursor.position);
}

/** What one batch of a round came to. */
export interface BatchOutcome {
  readonly positions: readonly number[];
  /** What was found, by position. */
  readonly found: ReadonlyMap<number, Found>;
  readonly seconds: number;
  readonly passes: Passes;
}

/** The state after one more batch; the one before stays as it is. */
export function afterBatch(state: AutoAttackState, { stage, attack }: Round, batch: BatchOutcome): AutoAttackState {
  const { positions, found, seconds, passes } = batch;
  const robust = state.robust.map((flag, position) => (found.has(position) ? 0 : flag));
  const report = state.stages[stage] as StageReport;
  const grown: StageReport = {
    ...report,
    broken: report.broken + found.size,
    robustAccuracy: share(robust),
    seconds: report.seconds + seconds,
    passes: {
      forward: report.passes.forward + passes.forward,
      backward: report.passes.backward + passes.backward,
    },
  };
  return {
    ...state,
    robust,
    nan: state.nan.map((flag, position) => (found.get(position)?.nan === true ? 1 : flag)),
    found: new Map([...state.found, ...found]),
    stages: state.stages.map((one) => (one === report ? grown : one)),
    cursor: { stage, attack, position: (positions.at(-1) as number) + 1 },
  };
}

/** The positions of the examples that nothing has broken. */
export function robustPositions({ robust }: Pick<AutoAttackState, "robust">): number[] {
  return [...robust.keys()].filter((position) => robust[position] === 1);
}

/** The part of flags that are 1, from 0 to 1. */
export function share(flags: Int32Array): number {
  return flags.reduce((sum, value) => sum + value, 0) / flags.length;
}
