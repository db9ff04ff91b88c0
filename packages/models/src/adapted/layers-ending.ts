import { requireArgument } from "@awp/core/authoring";
import type { Ending } from "./ending";
import { isContainer, type LayerLike, type LayersModelLike, type SymbolicTensorLike } from "./layers-model";
import type { ReplacedField } from "./replaced-fields";

type LayersEnding = Ending<ReplacedField>;

/** Layers that pass on what they get: in evaluation, or in another form. */
const transparent = new Set([
  ...["Reshape", "Flatten", "Dropout", "SpatialDropout1D", "AlphaDropout", "GaussianDropout", "GaussianNoise"],
  ...["InputLayer", "Masking"],
]);

/** Layers that make a mean of what they get: of probabilities they are probabilities. */
const averaging = new Set(["Average", "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D"]);

/** Layers whose last operation is their field `activation`. */
const activated = new Set([
  ...["Activation", "Dense", "Conv1D", "Conv2D", "Conv2DTranspose", "DepthwiseConv2D", "SeparableConv2D"],
]);

/** Layers that are not asked for an activation, and never squash what they get. */
const unsquashing = new Set([
  ...["Add", "BatchNormalization", "ELU", "LayerNormalization", "LeakyReLU", "PReLU", "ReLU"],
]);

const linear = { getClassName: () => "linear", apply: (x: unknown) => x };

/** What a model's layers show of its end. Throws an `ArgumentError` unless there is one output `[batch, classes]`. */
export function endingOfLayersModel({ outputs }: LayersModelLike): LayersEnding | undefined {
  if (outputs === undefined) return undefined;
  const [output] = outputs;
  const isOne = outputs.length === 1 && output?.shape.length === 2;
  requireArgument(
    isOne,
    "model",
    outputs.map(({ shape }) => shape),
    "one output [batch, classes]",
  );
  return endingBehind(output as SymbolicTensorLike) ?? { answer: "logits", shownBy: "its input" };
}

/** Undefined where nothing stands between the tensor and the input of the model that it belongs to. */
function endingBehind(tensor: SymbolicTensorLike): LayersEnding | undefined {
  const { sourceLayer: layer, inputs } = tensor;
  const name = layer.getClassName();
  if (isContainer(layer)) {
    const [inner, ...others] = layer.outputs;
    if (inner === undefined || others.length > 0) return { answer: "unknown", shownBy: layer.name };
    const ending = endingBehind(inner);
    if (ending !== undefined) return ending;
  } else if (averaging.has(name)) {
    return endingOfMean(inputs);
  } else if (!transparent.has(name)) {
    return endingOfLayer(layer, tensor.shape);
  }
  const [input] = inputs;
  return input && endingBehind(input);
}

function endingOfMean(inputs: readonly SymbolicTensorLike[]): LayersEnding | undefined {
  const [first, ...others] = inputs.map((input) => endingBehind(input));
  if (first === undefined) return undefined;
  const agree = others.every((ending) => ending?.answer === first.answer);
  return { answer: agree ? first.answer : "unknown", shownBy: first.shownBy };
}

function endingOfLayer(layer: LayerLike, shape: readonly (number | null)[]): LayersEnding {
  const shownBy = layer.name;
  const found = squashing(layer);
  if (found === undefined) return { answer: "unknown", shownBy };
  if (found === "none") return { answer: "logits", shownBy };
  const answer = "probabilities";
  // A layer that is used elsewhere too would change there as well; one softmax a pixel is not one of the classes.
  const isAlone = layer.inboundNodes.length === 1 && shape.slice(1, -1).every((size) => size === 1);
  return isAlone ? { answer, shownBy, bare: found } : { answer, shownBy };
}

/** What takes the layer's softmax or sigmoid off: undefined for a layer that is not known. */
function squashing(layer: LayerLike): ReplacedField | "none" | undefined {
  const { activation, axis } = layer as { readonly activation?: LayerLike; readonly axis?: number | readonly number[] };
  const name = layer.getClassName();
  if (name === "Softmax") {
    const isPlain = typeof axis === "number" || axis?.length === 1;
    return isPlain ? { object: layer, field: "softmax", value: (x: unknown) => x } : undefined;
  }
  if (unsquashing.has(name)) return "none";
  if (!activated.has(name) || activation === undefined) return undefined;
  const squashes = ["softmax", "sigmoid"].includes(activation.getClassName());
  return squashes ? { object: layer, field: "activation", value: linear } : "none";
}
