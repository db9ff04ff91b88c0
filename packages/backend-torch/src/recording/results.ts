import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { DataStore } from "./data-store";
import type { StepRecorder } from "./engine";
import type { Operand } from "./recorder";
import type { Register } from "./trace";

/** A variable that the step moves: the registers of its value before and after. */
interface Update {
  readonly variable: Variable;
  readonly before: Register;
  readonly after: Register;
}

/** What a step leaves: its outputs, and the variables that it moved. */
export interface Results {
  readonly outputs: readonly Register[];
  readonly updates: readonly Update[];
}

/** The results of a run that has just ended. */
export function resultsOf(recorder: StepRecorder, store: DataStore, outputs: readonly Tensor[]): Results {
  const registers = outputs.map((output) => recorder.registerOf(operand(store, output), "the output"));
  return { outputs: registers, updates: updatesOf(recorder, store) };
}

/** The variables that hold other data than before. */
function updatesOf(recorder: StepRecorder, store: DataStore): Update[] {
  const updates: Update[] = [];
  for (const [data, variable] of recorder.variables) {
    if (variable.isDisposed) recorder.refuse(`the step disposes the variable ${variable.name}`);
    const now = operand(store, variable);
    if (now.data === data) continue;
    const reader = `the assignment of ${variable.name}`;
    const before = recorder.registerOf({ data, info: now.info }, reader);
    updates.push({ variable, before, after: recorder.registerOf(now, reader) });
  }
  return updates;
}

/** Refuses results that come from elsewhere than those of the call before, by the same operations. */
export function requireSameResults(recorder: StepRecorder, results: Results, earlier: Results): void {
  const output = results.outputs.findIndex((register, index) => register !== earlier.outputs[index]);
  if (output >= 0 || results.outputs.length !== earlier.outputs.length) {
    recorder.refuse(`the output ${Math.max(output, 0)} is another tensor than in the call before`);
  }
  const assigned = (update: Update): string => `${update.before} ${update.after}`;
  const [before, now] = [new Set(earlier.updates.map(assigned)), new Set(results.updates.map(assigned))];
  const other =
    results.updates.find((update) => !before.has(assigned(update))) ??
    earlier.updates.find((update) => !now.has(assigned(update)));
  if (other === undefined) return;
  recorder.refuse(
    `the variable ${other.variable.name} is assigned another tensor than in the call before: every call must assign the same`,
  );
}

function operand(store: DataStore, info: Tensor): Operand {
  return { data: store.nativeData(info), info };
}
