import type { Tensor } from "@tensorflow/tfjs-core";

/*
 * The parts of TensorFlow.js's layers that are used here, by their form: `@tensorflow/tfjs-layers` is the user's, if any.
 */

/** The part of a `tf.LayersModel` that {@link fromLayersModel} uses; without `outputs` its end is not looked at. */
export interface LayersModelLike {
  apply(inputs: Tensor, options: { readonly training: boolean }): unknown;
  readonly outputs?: readonly SymbolicTensorLike[];
}

/** The part of a `tf.SymbolicTensor` that is used here: which layer makes it, and of what. */
export interface SymbolicTensorLike {
  readonly shape: readonly (number | null)[];
  readonly sourceLayer: LayerLike;
  readonly inputs: readonly SymbolicTensorLike[];
}

/** The part of a `tf.layers.Layer` that is used here. */
export interface LayerLike {
  readonly name: string;
  readonly trainable: boolean;
  /** One for each time that the layer was applied. */
  readonly inboundNodes: readonly unknown[];
  getClassName(): string;
}

/** A model, which can be a layer of another. */
export interface ContainerLike extends LayerLike {
  readonly layers: readonly LayerLike[];
  readonly outputs: readonly SymbolicTensorLike[];
}

export function isContainer(layer: LayerLike): layer is ContainerLike {
  const { layers, outputs } = layer as Partial<ContainerLike>;
  return Array.isArray(layers) && Array.isArray(outputs);
}
