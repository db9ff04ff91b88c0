import { requireArgument, requireCount } from "@awp/core/authoring";
import { CollapseError } from "./collapse-error";
import type { RunRecord } from "./run-record";
import type { RollbackEvent } from "./training-event";
import type { CheckpointState } from "../store/checkpoint-state";

/** How a training that collapsed goes on from its last checkpoint. */
export interface Rollback {
  /** What the learning rate is multiplied by, for the rest of the training, each time; above 0, at most 1. */
  readonly factor: number;
  /** So often at most; the next collapse ends the training with its `CollapseError`. */
  readonly most: number;
}

export function requireRollback({ factor, most }: Rollback): void {
  requireArgument(factor > 0 && factor <= 1, "rollback.factor", factor, "a number above 0 and at most 1");
  requireCount("rollback.most", most);
}

/** The state to go on from after a collapse. Throws what is none, and one too many. */
export async function* rollBack(
  error: unknown,
  state: CheckpointState,
  rollback: Rollback | undefined,
  run: RunRecord,
): AsyncGenerator<RollbackEvent, CheckpointState> {
  if (!(error instanceof CollapseError) || rollback === undefined || state.rollbacks >= rollback.most) throw error;
  const rollbacks = state.rollbacks + 1;
  const rateFactor = state.rateFactor * rollback.factor;
  const { backend, schedule, momentumSchedule } = state;
  const now = { backend, schedule, ...(momentumSchedule && { momentumSchedule }), rollbacks, rateFactor };
  const back = { ...(await run.back()), ...now };
  const { epoch, step, message } = error;
  yield { kind: "rollback", epoch, step, reason: message, to: back.epochs, rollbacks, rateFactor };
  return back;
}
