import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { TorchData } from "../data";
import type { DataStore } from "./data-store";
import type { RecordingEngine, StepFunction, StepRecorder } from "./engine";
import { type Operand, Recorder } from "./recorder";
import type { Register } from "./trace";
import type { Update } from "./updates";

/** A run of a step that was watched. */
export interface Observation {
  readonly recorder: StepRecorder;
  /** The caller's. */
  readonly outputs: Tensor[];
  readonly outputRegisters: readonly Register[];
  readonly updates: readonly Update[];
}

/** Runs the step on copies of the inputs, so that none of them is a variable or a constant too. */
export function observe(
  { backend, homes }: RecordingEngine,
  step: StepFunction,
  inputs: readonly Tensor[],
  earlier: StepRecorder | undefined,
): Observation {
  const variables = nativeVariables(backend, (variable) => homes.separate(variable));
  const copies = inputs.map((input) => tf.engine().makeTensorFromTensorInfo(backend.copy(input)));
  const data = copies.map((copy) => backend.nativeData(copy));
  const recorder: StepRecorder = new Recorder(data, variables, earlier);
  let outputs: Tensor[] = [];
  backend.recorder = recorder;
  try {
    outputs = step(copies);
    const outputRegisters = outputs.map((output) => recorder.registerOf(operand(backend, output), "the output"));
    const updates = updatesOf(recorder, backend);
    requireNothingKept(recorder, backend, outputs);
    recorder.finish();
    return { recorder, outputs, outputRegisters, updates };
  } catch (error) {
    tf.dispose(outputs);
    throw recorder.failure ?? error;
  } finally {
    backend.recorder = undefined;
    tf.dispose(copies);
  }
}

/** The variables that hold other data than before. */
function updatesOf(recorder: StepRecorder, backend: DataStore): Update[] {
  const updates: Update[] = [];
  for (const [data, variable] of recorder.variables) {
    if (variable.isDisposed) recorder.refuse(`the step disposes the variable ${variable.name}`);
    const now = operand(backend, variable);
    if (now.data === data) continue;
    const home = recorder.registerOf({ data, info: now.info }, variable.name);
    updates.push({ home, value: recorder.registerOf(now, variable.name) });
  }
  return updates;
}

function requireNothingKept(recorder: StepRecorder, backend: DataStore, outputs: readonly Tensor[]): void {
  const before = new Set(recorder.variables.values());
  for (const variable of nativeVariables(backend).values()) {
    if (!before.has(variable)) recorder.refuse(`the step makes the variable ${variable.name}: make it outside`);
  }
  const expected = [...outputs, ...before].map((tensor) => backend.nativeData(tensor));
  const kept = recorder.keptBy(new Set(expected));
  if (kept !== undefined) {
    recorder.refuse(`${kept} is kept beyond the step: return it, or assign it to a variable made outside`);
  }
}

/** The variables whose values are native, by their data. */
function nativeVariables(
  backend: DataStore,
  prepare: (variable: Variable) => void = () => undefined,
): Map<TorchData, Variable> {
  const variables = Object.values(tf.engine().registeredVariables).filter(({ dataId }) => backend.holds(dataId));
  return new Map(
    variables.map((variable) => {
      prepare(variable);
      return [backend.nativeData(variable), variable];
    }),
  );
}

function operand(backend: DataStore, info: Tensor): Operand {
  return { data: backend.nativeData(info), info };
}
