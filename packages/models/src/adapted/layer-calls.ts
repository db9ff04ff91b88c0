import { ArgumentError, type Mode, type Random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { LayerLike, LayerWithin } from "./layers-model";
import { type NoiseCall, noiseCall } from "./noise-call";
import { normalizeByBatch, normalizeByMoving } from "./normalization-call";
import { type PassCounter, passCounter } from "./pass-counter";
import type { ReplacedField } from "./replaced-fields";

/** What a model's layers do where it is not what TensorFlow.js does. */
export interface LayerCalls {
  /** Present if some layer draws in training. */
  readonly counter?: PassCounter | undefined;
  /** The calls of the coming pass. */
  readonly forPass: (mode: Mode) => readonly ReplacedField[];
}

/** The calls of inference alone. */
export function inferenceCalls(layers: readonly LayerWithin[]): readonly ReplacedField[] {
  return normalizationsAmong(layers).map(({ layer }) => replaced(layer, (x) => normalizeByMoving(layer, x)));
}

/** The calls of every mode. Throws an `ArgumentError` if some layers draw and no randomness is given. */
export function layerCalls(layers: readonly LayerWithin[], random: Random | undefined): LayerCalls {
  const noises = layers.flatMap(({ layer }) => {
    const call = noiseCall(layer);
    if (call === undefined) return [];
    if (random === undefined) throw new ArgumentError("random", random, `a Random: ${layer.name} draws in training`);
    return [{ layer, call }];
  });
  const counter = noises.length > 0 && random !== undefined ? passCounter(random) : undefined;
  const inference = inferenceCalls(layers);
  const learning = normalizationsAmong(layers).filter(({ isFrozen }) => !isFrozen);

  return {
    counter,
    forPass(mode) {
      if (mode === "eval") return inference;
      return [
        ...inference,
        ...learning.map(({ layer }) => replaced(layer, (x) => normalizeByBatch(layer, x, mode === "train"))),
        ...(counter === undefined ? [] : drawing(noises, counter.random())),
      ];
    },
  };
}

function normalizationsAmong(layers: readonly LayerWithin[]): readonly LayerWithin[] {
  return layers.filter(({ layer }) => layer.getClassName() === "BatchNormalization");
}

/** Each draw of a pass has a number, in the order of the calls: a layer that is used twice draws twice. */
function drawing(
  noises: readonly { readonly layer: LayerLike; readonly call: NoiseCall }[],
  random: Random,
): readonly ReplacedField[] {
  let draws = 0;
  return noises.map(({ layer, call }) => replaced(layer, (x) => call(x, random.fold(draws++))));
}

function replaced(object: LayerLike, call: (x: tf.Tensor) => tf.Tensor): ReplacedField {
  const value = (inputs: tf.Tensor | readonly tf.Tensor[]): tf.Tensor =>
    tf.tidy(() => call(inputs instanceof tf.Tensor ? inputs : (inputs[0] as tf.Tensor)));
  return { object, field: "call", value };
}
