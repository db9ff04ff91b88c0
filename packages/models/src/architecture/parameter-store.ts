import type { Parameters, Random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Initializer } from "./initializer";

/** A network's variables in the order in which its layers declare them. */
export interface ParameterStore {
  readonly parameters: Parameters;
  readonly buffers: Parameters;
  parameter(name: string, shape: readonly number[], initializer: Initializer): tf.Variable;
  buffer(name: string, shape: readonly number[], initializer: Initializer): tf.Variable;
}

/** An empty store; parameter number k is drawn from `random.fold(k)`. */
export function parameterStore(random: Random): ParameterStore {
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();
  const declare = (into: Map<string, tf.Variable>, trainable: boolean): ParameterStore["parameter"] => {
    return (name, shape, initializer) => {
      const initial = initializer(shape, random.fold(into.size));
      const variable = tf.variable(initial, trainable);
      initial.dispose();
      into.set(name, variable);
      return variable;
    };
  };
  return { parameters, buffers, parameter: declare(parameters, true), buffer: declare(buffers, false) };
}
