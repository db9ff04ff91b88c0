import { type Activation, activationNamed } from "./activation";
import { batchNorm } from "./batch-norm";
import { type Layer, sequence } from "./layer";
import { meanSparse } from "./mean-sparse";
import type { ParameterStore } from "./parameter-store";

export interface ActivatedNormOptions {
  readonly channels: number;
  readonly momentum: number;
  readonly activation: Activation;
  /** The name of a MeanSparse between normalisation and activation. @default none */
  readonly sparse?: string | undefined;
}

/** Batch normalisation and the activation behind it. */
export function activatedNorm(
  store: ParameterStore,
  name: string,
  { channels, momentum, activation, sparse }: ActivatedNormOptions,
): Layer {
  if (sparse === undefined) return batchNorm(store, name, channels, momentum, activation);
  const norm = batchNorm(store, name, channels, momentum);
  return sequence([norm, meanSparse(store, sparse, channels), activationNamed(activation)]);
}
