import { type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";
import type { ResidualBlock, ResidualBlockOptions } from "./residual-block";

/** A stage of `count` blocks `name.0`, `name.1`, …; only the first changes the channels and takes the stride. */
export function residualStage(
  store: ParameterStore,
  name: string,
  block: ResidualBlock,
  count: number,
  options: ResidualBlockOptions,
): Layer {
  const { outputs } = options;
  const blocks = Array.from({ length: count }, (_, index) =>
    block(store, `${name}.${index}`, index === 0 ? options : { ...options, inputs: outputs, stride: 1 }),
  );
  return sequence(blocks);
}
