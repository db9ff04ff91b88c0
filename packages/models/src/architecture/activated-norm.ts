import { type Activation, activationNamed } from "./activation";
import { batchNorm } from "./batch-norm";
import { type DeclaredLayer, type Layer, sequence } from "./layer";
import type { ParameterStore } from "./parameter-store";

export interface ActivatedNormOptions {
  readonly channels: number;
  readonly momentum: number;
  readonly activation: Activation;
  /** A layer between normalisation and activation, with its name. @default none */
  readonly between?: { readonly layer: DeclaredLayer; readonly name: string } | undefined;
}

/** Batch normalisation and the activation behind it. */
export function activatedNorm(
  store: ParameterStore,
  name: string,
  { channels, momentum, activation, between }: ActivatedNormOptions,
): Layer {
  if (between === undefined) return batchNorm(store, name, channels, momentum, activation);
  const norm = batchNorm(store, name, channels, momentum);
  return sequence([norm, between.layer(store, between.name, channels), activationNamed(activation)]);
}
