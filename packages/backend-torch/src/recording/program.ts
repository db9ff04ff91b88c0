import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { RecordingEngine } from "./engine";
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
  const { recorder, outputs, outputRegisters, updates } = observation;
  const descriptions = outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
  const variables: Variable[] = [];
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const free of releases.splice(0)) free();
  };
  const hold = (held: Exclude<Static<Variable>, { kind: "input" }>): number => {
    if (held.kind === "variable") {
      variables.push(held.variable);
      const handle = homes.open(held.variable);
      releases.push(() => homes.close(held.variable));
      return handle;
    }
    if (held.kind === "host") {
      const handle = addon.create(held.values);
      releases.push(() => addon.release(handle));
      return handle;
    }
    const pin = tf.keep(tf.engine().makeTensorFromTensorInfo(backend.share(held.info)));
    releases.push(() => pin.dispose());
    return backend.nativeData(pin).handle;
  };

  let id: number;
  try {
    const isStatic = (register: number): boolean => recorder.statics.has(register);
    const { steps, registers } = recorder;
    const finished = withUpdates({ steps, registers, updates, outputs: outputRegisters, isStatic });
    const inputs: number[] = [];
    const statics: [number, number][] = [];
    for (const [register, held] of recorder.statics) {
      if (held.kind === "input") inputs.push(register);
      else statics.push([register, hold(held)]);
    }
    const kernel = (name: string): number => calls.index(name);
    id = addon.program(...encode({ ...finished, inputs, statics, kernel }));
  } catch (error) {
    release();
    tf.dispose(outputs);
    throw error;
  }

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
      release();
    },
  };
}
