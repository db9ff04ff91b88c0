import type { Images, Logits, Mode, Network, Random } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { type AdaptedModelOptions, readingOf } from "./ending";
import { layerCalls } from "./layer-calls";
import { endingOfLayersModel } from "./layers-ending";
import {
  type ContainerLike,
  type LayerVariableLike,
  type LayersModelLike,
  layersWithin,
  type SymbolicTensorLike,
  variableOf,
} from "./layers-model";
import { logitsOf } from "./logits";
import { withFields } from "./replaced-fields";

/** The part of a `tf.LayersModel` that {@link networkFromLayersModel} uses. */
export interface TrainableModelLike extends LayersModelLike, ContainerLike {
  readonly outputs: readonly SymbolicTensorLike[];
  readonly inputs: readonly SymbolicTensorLike[];
  readonly trainableWeights: readonly LayerVariableLike[];
  readonly nonTrainableWeights: readonly LayerVariableLike[];
}

export interface LayersNetworkOptions extends AdaptedModelOptions {
  /** Randomness of dropout and noise in training; a model without them needs none. */
  readonly random?: Random | undefined;
}

/**
 * A network made of a `tf.LayersModel`, to be attacked, trained and stored as any other.
 *
 * - Its variables are the model's own: trainable weights are `parameters`, all others `buffers`, by their names in tfjs's
 *   files, `layer/kernel`, numbered where two are the same. Training moves them in place, and `model.save` saves the trained
 *   model. `disposeNetwork` frees them; the model cannot be used after that. Name your layers if their checkpoints are to
 *   be read by a process that builds other models too: names that tfjs gives count up.
 * - `"eval"` is inference. `"train"` normalises by the batch's statistics and moves the moving ones by tfjs's rule, once;
 *   `"train-frozen"` does the same and moves nothing. A batch normalisation that is not trainable uses its moving statistics
 *   in every mode, as Keras 2 has it and tfjs has not.
 * - Dropout and noise draw from `random` and from a count of the passes in mode `"train"`, the buffer `random/passes`. A
 *   pass in mode `"train-frozen"` draws what the next one in `"train"` will, so that a weight attack and the descent see one
 *   loss. A training that is resumed draws what it would have drawn.
 * - Logits are as with {@link fromLayersModel}.
 * - Regularisers and constraints of the layers are not applied: the loss is the defense's, weight decay the optimizer's.
 *   What is trainable is looked up once, here.
 *
 * @example
 * const model = await tf.loadLayersModel("https://example.org/model.json");
 * const network = networkFromLayersModel(model, { random: random(0) });
 * const step = trainStep({ network, defense, optimizer: sgd({ momentum: 0.9 }) });
 * @throws ArgumentError for a model that has not one input of images and one output `[batch, classes]`, or weights that are
 * not float32, layers that draw by themselves (`RandomWidth`, recurrent dropout), or dropout without `random`; for an
 * `output` as `fromLayersModel`; in `forward` for images of another shape than the model's input.
 */
export function networkFromLayersModel(model: TrainableModelLike, options: LayersNetworkOptions = {}): Network {
  const shape = inputShape(model);
  const { bare, output } = readingOf(endingOfLayersModel(model), options);
  const head = bare === undefined ? [] : [bare];
  const names = new Set<string>();
  const parameters = namedVariables(model.trainableWeights, names);
  const buffers = namedVariables(model.nonTrainableWeights, names);
  const { counter, forPass } = layerCalls(layersWithin(model), options.random);
  if (counter !== undefined) buffers.set(uniqueName("random/passes", names), counter.passes);

  const answer = (x: Images, mode: Mode): unknown => {
    const training = mode !== "eval";
    const answered = withFields([...head, ...forPass(mode)], () => model.apply(x, { training }));
    if (mode === "train") counter?.advance();
    return answered;
  };
  const forward = (x: Images, mode: Mode): Logits => {
    const fits = x.rank === 4 && shape.every((size, axis) => size === null || size === x.shape[axis]);
    requireArgument(fits, "x", x.shape, `the model's input, [${shape.map((size) => size ?? "any").join(", ")}]`);
    return tf.tidy(() => logitsOf(answer(x, mode), output));
  };
  return { parameters, buffers, forward };
}

function inputShape({ inputs }: TrainableModelLike): readonly (number | null)[] {
  const [input] = inputs;
  const shapes = inputs.map(({ shape }) => shape);
  const isOne = inputs.length === 1 && input?.shape.length === 4;
  requireArgument(isOne, "model", shapes, "one input [batch, height, width, channels]");
  return (input as SymbolicTensorLike).shape;
}

function namedVariables(weights: readonly LayerVariableLike[], names: Set<string>): Map<string, tf.Variable> {
  // A layer that is shared by a model and one inside it is listed twice.
  const variables = new Map(weights.map((weight) => [variableOf(weight), weight.originalName]));
  return new Map([...variables].map(([variable, name]) => [uniqueName(name, names), variable]));
}

/** The name, with a number behind it if it is taken; it is taken from now on. */
function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let count = 1; taken.has(unique); count++) unique = `${name}_${count}`;
  taken.add(unique);
  return unique;
}
