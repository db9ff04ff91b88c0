import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { DataStore } from "./data-store";
import type { RecordingEngine, StepFunction, StepRecorder } from "./engine";
import { Recorder } from "./recorder";
import { requireSameResults, type Results, resultsOf } from "./results";
import { nativeVariables, ownData, requireNotAssigned } from "./variables";

/** A run of a step that was watched. */
export interface Observation {
  readonly recorder: StepRecorder;
  /** The caller's. */
  readonly outputs: Tensor[];
  readonly results: Results;
}

/** Runs the step on copies of the inputs, so that none of them is a variable or a constant too. */
export function observe(
  { backend }: RecordingEngine,
  step: StepFunction,
  inputs: readonly Tensor[],
  earlier: Observation | undefined,
): Observation {
  const variables = new Map(nativeVariables(backend).map((variable) => [ownData(backend, variable), variable]));
  const copies = inputs.map((input) => tf.engine().makeTensorFromTensorInfo(backend.copy(input)));
  const data = copies.map((copy) => backend.nativeData(copy));
  const recorder: StepRecorder = new Recorder(data, variables, earlier?.recorder);
  let outputs: Tensor[] = [];
  backend.recorder = recorder;
  try {
    outputs = step(copies);
    const results = resultsOf(recorder, backend, outputs);
    requireNothingKept(recorder, backend, [...outputs, ...copies]);
    recorder.finish();
    if (earlier !== undefined) requireSameResults(recorder, results, earlier.results);
    requireNotAssigned(inputs, assignedBy(results));
    return { recorder, outputs, results };
  } catch (error) {
    tf.dispose(outputs);
    throw recorder.failure ?? error;
  } finally {
    backend.recorder = undefined;
    tf.dispose(copies);
  }
}

/** The variables that the step assigns. */
export function assignedBy({ updates }: Results): ReadonlySet<Variable> {
  return new Set(updates.map(({ variable }) => variable));
}

/** Refuses what the step leaves behind beside its outputs: a recording would not make it. */
function requireNothingKept(recorder: StepRecorder, backend: DataStore, expected: readonly Tensor[]): void {
  const before = new Set(recorder.variables.values());
  for (const variable of nativeVariables(backend)) {
    if (!before.has(variable)) recorder.refuse(`the step makes the variable ${variable.name}: make it outside`);
  }
  const references = new Map<object, number>();
  for (const tensor of new Set([...expected, ...before])) {
    const data = backend.nativeData(tensor);
    references.set(data, (references.get(data) ?? 0) + 1);
  }
  const kept = recorder.keptBeyond(references);
  if (kept !== undefined) {
    recorder.refuse(`${kept} is kept beyond the step: return it, or assign it to a variable made outside`);
  }
}
