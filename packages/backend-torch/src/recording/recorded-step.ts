import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import type { RecordingEngine, StepFunction } from "./engine";
import { type Observation, observe } from "./observe";
import { type Program, recordedProgram } from "./program";

/** A step that is recorded once it has run twice, for inputs of the same shapes and types at every call. */
export interface RecordedStep {
  /** Runs the step; the caller owns the outputs. */
  run(inputs: readonly Tensor[]): Tensor[];
  dispose(): void;
}

/**
 * The first call runs `step` as it is, the second is watched, the third is recorded and compared with the second; from
 * then on the recording runs. An error starts all over.
 */
export function recordedStep(engine: RecordingEngine, step: StepFunction): RecordedStep {
  const { backend } = engine;
  let warm = false;
  let watched: Observation | undefined;
  let program: Program | undefined;

  function run(inputs: readonly Tensor[]): Tensor[] {
    // Inside another recording this step is a part of that one.
    if (backend.recorder !== undefined) return step(inputs);
    if (program !== undefined) return program.replay(inputs);
    try {
      if (!warm) {
        const outputs = step(inputs);
        warm = true;
        return outputs;
      }
      const observation = observe(engine, step, inputs, watched);
      if (watched === undefined) {
        watched = observation;
      } else {
        program = handedOver(observation);
        watched = undefined;
      }
      return observation.outputs;
    } catch (error) {
      [warm, watched] = [false, undefined];
      throw error;
    }
  }

  function handedOver(observation: Observation): Program {
    try {
      return recordedProgram(engine, observation);
    } catch (error) {
      tf.dispose(observation.outputs);
      throw error;
    }
  }

  return {
    run,
    dispose: () => {
      program?.dispose();
      [warm, watched, program] = [false, undefined, undefined];
    },
  };
}
