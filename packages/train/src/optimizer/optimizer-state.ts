import type { Variable } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";

/** The variables that an optimizer keeps between steps, by name. */
export interface OptimizerState {
  readonly variables: ReadonlyMap<string, Variable>;
  /** Makes a variable of zeros, unless there is one of that name. */
  ensure(name: string, shape: readonly number[]): void;
  /** The variable of that name, which is there. */
  of(name: string): Variable;
  readonly dispose: () => void;
}

export function optimizerState(): OptimizerState {
  const variables = new Map<string, Variable>();
  return {
    variables,
    ensure(name, shape) {
      if (!variables.has(name))
        variables.set(
          name,
          tf.tidy(() => tf.variable(tf.zeros([...shape]), false)),
        );
    },
    of: (name) => variables.get(name) as Variable,
    dispose() {
      for (const variable of variables.values()) variable.dispose();
      variables.clear();
    },
  };
}
