import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Variable } from "@tensorflow/tfjs-core";
import type { RecordingEngine } from "./engine";
import { encode } from "./encode";
import { assignedBy, type Observation } from "./observe";
import type { Static } from "./recorder";
import type { Register } from "./trace";
import { ownData, requireNotAssigned } from "./variables";

/** A step on the native side. */
export interface Program {
  /** Runs it on inputs of the shapes and types that it was recorded with; the caller owns the outputs. */
  replay(inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/** Hands a recording over to the native side. The constants that it reads stay alive until `dispose`. */
export function recordedProgram(engine: RecordingEngine, { recorder, outputs, results }: Observation): Program {
  const { backend, addon, calls } = engine;
  const descriptions = outputs.map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
  const assigned = assignedBy(results);
  const holder = constantHolder(engine);
  const { inputs: inputRegisters, variables, constants } = sorted(recorder.statics);
  const variableRegisters = variables.map(([register]) => register);
  const id = holder.releasedOnError(() => {
    const layout = {
      registers: recorder.registers,
      inputs: inputRegisters,
      variables: variableRegisters,
      constants: constants.map(([register, held]): [Register, number] => [register, holder.hold(held)]),
      outputs: results.outputs,
      updates: results.updates.map(({ before, after }): [number, Register] => [
        variableRegisters.indexOf(before),
        after,
      ]),
      steps: recorder.steps,
      kernel: (name: string): number => calls.index(name),
    };
    return addon.program(...encode(layout));
  });
  return {
    replay: (inputs) => {
      requireNotAssigned(inputs, assigned);
      const variableHandles = variables.map(([, variable]) => ownData(backend, variable).handle);
      const inputHandles = inputs.map((input) => backend.nativeData(input).handle);
      return calls.replay(id, inputHandles, variableHandles).map(({ handle }, index) => {
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

type Constant = Extract<Static<Variable>, { kind: "constant" | "host" }>;

/** What the registers hold that are filled before a run. */
function sorted(statics: ReadonlyMap<Register, Static<Variable>>) {
  const inputs: Register[] = [];
  const variables: [Register, Variable][] = [];
  const constants: [Register, Constant][] = [];
  for (const [register, held] of statics) {
    if (held.kind === "input") inputs.push(register);
    else if (held.kind === "variable") variables.push([register, held.variable]);
    else constants.push([register, held]);
  }
  return { inputs, variables, constants };
}

/** Keeps constants alive under handles that stay. */
function constantHolder({ backend, addon }: RecordingEngine) {
  const releases: (() => void)[] = [];
  const hosts = new Map<object, number>();
  const release = (): void => {
    for (const free of releases.splice(0)) free();
  };
  const hold = (held: Constant): number => {
    if (held.kind === "host") {
      const known = hosts.get(held.values);
      if (known !== undefined) return known;
      const handle = addon.create(held.values);
      hosts.set(held.values, handle);
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
