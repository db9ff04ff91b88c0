import { requireCount } from "@awp/core/authoring";
import { uniformByFanIn as initializer } from "./initializer";
import type { Layer } from "./layer";
import { type NetworkOptions, requireNetworkOptions } from "./network";
import type { ParameterStore } from "./parameter-store";
import { bottleneckExpansion, type ResidualBlock, type ResidualBlockOptions } from "./residual-block";
import { residualStage } from "./residual-stage";

export interface ResNetOptions extends NetworkOptions {
  /** The number of blocks in each stage; every stage after the first halves the images and doubles the width. */
  readonly blocks: readonly number[];
  /** Whether blocks are bottlenecks (1×1, 3×3, 1×1 convolutions). @default false */
  readonly bottleneck?: boolean;
  /** Channels of the first stage. @default 64 */
  readonly width?: number;
}

/** Throws an `ArgumentError` unless the options make a network. */
export function requireResNetOptions(options: ResNetOptions): void {
  const { blocks, width = 64 } = options;
  requireNetworkOptions(options);
  requireCount("width", width);
  requireCount("blocks.length", blocks.length);
  for (const count of blocks) requireCount("blocks", count);
}

/** The stages `layer1`, `layer2`, … and the channels of what the last one answers with. */
export function resNetStages(
  store: ParameterStore,
  { blocks, bottleneck = false, width = 64, momentum = 0.1 }: ResNetOptions,
  block: ResidualBlock,
  own: Pick<ResidualBlockOptions, "names" | "shortcutOf">,
): { readonly stages: readonly Layer[]; readonly features: number } {
  const outputsOf = (stage: number) => width * (bottleneck ? bottleneckExpansion : 1) * 2 ** stage;
  const stages = blocks.map((count, stage) =>
    residualStage(store, `layer${stage + 1}`, block, count, {
      inputs: stage === 0 ? width : outputsOf(stage - 1),
      outputs: outputsOf(stage),
      stride: stage === 0 ? 1 : 2,
      ...{ momentum, initializer, ...own },
    }),
  );
  return { stages, features: outputsOf(blocks.length - 1) };
}
