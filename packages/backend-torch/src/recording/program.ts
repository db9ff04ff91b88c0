import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { RecordingEngine, StepRecorder } from "./engine";
import { encode } from "./encode";
import type { Observation } from "./observe";
import type { Static } from "./recorder";
import { withUpdates } from "./updates";

/** A step on the native side. */
export interface Program {
  /** Runs it on inputs of the shapes and types that it was recorded with; the caller owns the outputs. */
  replay(inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/** Hands a recording over to the native side. What it reads of the outside stays alive until `dispose`. */
export function recordedProgram(engine: RecordingEngine, observation: Observation): Program {
  const { backend, addon, calls, homes } = engine;
  const descriptions = observation.outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
  const variables = observation.recorder.usedVariables();
  const holder = staticHolder(engine);
  const id = holder.releasedOnError(() => {
    const { recorder, updates, outputRegisters: outputs } = observation;
    const { steps, registers } = recorder;
    const isStatic = (register: number): boolean => recorder.statics.has(register);
    const finished = withUpdates({ steps, registers, updates, outputs, isStatic });
    const kernel = (name: string): number => calls.index(name);
    return addon.program(...encode({ ...finished, ...layout(recorder, holder.hold), kernel }));
  });
  return {
    replay: (inputs) => {
      for (const variable of variables) homes.settle(variable);
      const handles = inputs.map((input) => backend.nativeData(input).handle);
      return calls.replay(id, handles).map(({ handle }, index) => {
        const { shape, dtype } = descriptions[index]!;
        return tf.engine().makeTensorFromTensorInfo(backend.adopt(handle, shape, dtype));
      });
    },
    dispose: () => {
      addon.forget(id);
      holder.release();
    },
  };
}

type Held = Exclude<Static<Variable>, { kind: "input" }>;

/** The inputs' registers, and what fills the other registers before a run. */
function layout({ statics }: StepRecorder, hold: (held: Held) => number) {
  const inputs: number[] = [];
  const filled: [number, number][] = [];
  for (const [register, held] of statics) {
    if (held.kind === "input") inputs.push(register);
    else filled.push([register, hold(held)]);
  }
  return { inputs, statics: filled };
}

/** Keeps variables and constants alive under handles that stay. */
function staticHolder({ backend, addon, homes }: RecordingEngine) {
  const releases: (() => void)[] = [];
  const constants = new Map<object, number>();
  const release = (): void => {
    for (const free of releases.splice(0)) free();
  };
  const hold = (held: Held): number => {
    if (held.kind === "variable") {
      const handle = homes.open(held.variable);
      releases.push(() => homes.close(held.variable));
      return handle;
    }
    if (held.kind === "host") {
      const known = constants.get(held.values);
      if (known !== undefined) return known;
      const handle = addon.create(held.values);
      constants.set(held.values, handle);
      releases.push(() => addon.release(handle));
      return handle;
    }
    const pin = tf.keep(tf.engine().makeTensorFromTensorInfo(backend.share(held.info)));
    releases.push(() => pin.dispose());
    return backend.nativeData(pin).handle;
  };
  const releasedOnError = <T>(body: () => T): T => {
    try {
      return body();
    } catch (error) {
      release();
      throw error;
    }
  };
  return { hold, release, releasedOnError };
}
