import { requireArgument } from "@awp/core/authoring";
import { type Tensor, Variable } from "@tensorflow/tfjs-core";

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

/** The part of a layer's weight that is used here. */
export interface LayerVariableLike {
  /** Its name in saved models, `layer/kernel`. */
  readonly originalName: string;
  /** The variable itself. */
  read(): Tensor;
}

/** The variable of a layer's weight. Throws an `ArgumentError` unless it is one of float32. */
export function variableOf(weight: LayerVariableLike): Variable {
  const value = weight.read();
  const isUsable = value instanceof Variable && value.dtype === "float32";
  requireArgument(
    isUsable,
    "model",
    `${weight.originalName} of ${value.dtype}`,
    "weights that are variables of float32",
  );
  return value as Variable;
}

/** Whether a layer or a model shows its layers. */
export function isContainer(layer: object): layer is ContainerLike {
  const { layers, outputs } = layer as Partial<ContainerLike>;
  return Array.isArray(layers) && Array.isArray(outputs);
}

/** A layer inside a model, and whether that layer or a model around it is not trainable. */
export interface LayerWithin {
  readonly layer: LayerLike;
  readonly isFrozen: boolean;
}

/** Every layer of a model, of the models inside it and of wrappers, once. */
export function layersWithin(model: ContainerLike): readonly LayerWithin[] {
  const found = new Map<LayerLike, boolean>();
  const visit = (layer: LayerLike, isWithinFrozen: boolean): void => {
    const isFrozen = isWithinFrozen || !layer.trainable;
    const { layer: wrapped } = layer as { readonly layer?: LayerLike };
    const inner = isContainer(layer) ? layer.layers : wrapped === undefined ? [] : [wrapped];
    for (const each of inner) visit(each, isFrozen);
    if (!found.has(layer)) found.set(layer, isFrozen);
  };
  visit(model, false);
  return [...found].map(([layer, isFrozen]) => ({ layer, isFrozen }));
}
