import { type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";

interface StageOptions {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
}

/** A stage of `count` blocks `name.0`, `name.1`, …; only the first changes the channels and takes the stride. */
export function residualStage<Options extends StageOptions>(
  store: ParameterStore,
  name: string,
  block: (store: ParameterStore, name: string, options: Options) => Layer,
  count: number,
  options: Options,
): Layer {
  const { outputs } = options;
  const blocks = Array.from({ length: count }, (_, index) =>
    block(store, `${name}.${index}`, index === 0 ? options : { ...options, inputs: outputs, stride: 1 }),
  );
  return sequence(blocks);
}
