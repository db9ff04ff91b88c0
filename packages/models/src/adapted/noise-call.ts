import { normal, type Random, uniform } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { LayerLike } from "./layers-model";

/** What a layer that draws does in training. */
export type NoiseCall = (x: tf.Tensor, random: Random) => tf.Tensor;

/** The part of `tf.layers.dropout` and its like that is used here. */
interface NoiseLike extends LayerLike {
  readonly rate: number;
  readonly stddev: number;
  readonly noiseShape?: readonly number[] | null;
  /** The shape of what is kept or dropped as one. */
  getNoiseShape(x: tf.Tensor): readonly number[] | null | undefined;
}

/*
 * By the name of the layer's class. TensorFlow.js's own draw in secret: another mask each time where they have no seed,
 * and the same one for ever where they have.
 */
const calls: Readonly<Record<string, (layer: NoiseLike) => NoiseCall>> = {
  Dropout: dropout,
  SpatialDropout1D: dropout,
  GaussianNoise:
    ({ stddev }) =>
    (x, random) =>
      tf.add(x, normal(random, x.shape, 0, stddev)),
  GaussianDropout:
    ({ rate }) =>
    (x, random) =>
      tf.mul(x, normal(random, x.shape, 1, Math.sqrt(rate / (1 - rate)))),
  AlphaDropout: alphaDropout,
};

/** What the layer does in training, if it draws. Throws an `ArgumentError` for one that cannot draw explicitly. */
export function noiseCall(layer: LayerLike): NoiseCall | undefined {
  requireNoSecretDraws(layer);
  const name = layer.getClassName();
  const make = Object.hasOwn(calls, name) ? calls[name] : undefined;
  const { rate, stddev } = layer as NoiseLike;
  const draws = name === "GaussianNoise" ? stddev > 0 : rate > 0 && rate < 1;
  return draws ? make?.(layer as NoiseLike) : undefined;
}

function dropout(layer: NoiseLike): NoiseCall {
  const { rate } = layer;
  return (x, random) => tf.mul(x, tf.div(kept(rate, layer.getNoiseShape(x) ?? x.shape, random), 1 - rate));
}

/** What is dropped becomes SELU's saturation, and mean and variance stay (Klambauer et al. 2017, arXiv:1706.02515). */
function alphaDropout({ rate, noiseShape }: NoiseLike): NoiseCall {
  const saturation = -1.7580993408473766;
  const factor = ((1 - rate) * (1 + rate * saturation ** 2)) ** -0.5;
  return (x, random) => {
    const keep = kept(rate, noiseShape ?? x.shape, random);
    const mixed = tf.add(tf.mul(x, keep), tf.mul(tf.sub(1, keep), saturation));
    return tf.add(tf.mul(mixed, factor), -factor * saturation * rate);
  };
}

/** 1 where a value is kept, else 0. */
function kept(rate: number, shape: readonly number[], random: Random): tf.Tensor {
  return tf.cast(tf.greaterEqual(uniform(random, shape), rate), "float32");
}

/** The parts of recurrent layers that draw. */
interface RecurrentLike {
  readonly cell?: CellLike & { readonly cells?: readonly CellLike[] };
}

interface CellLike {
  readonly dropout?: number;
  readonly recurrentDropout?: number;
}

function requireNoSecretDraws(layer: LayerLike): void {
  const { cell } = layer as LayerLike & RecurrentLike;
  const cells = cell?.cells ?? (cell === undefined ? [] : [cell]);
  const drops = cells.some(({ dropout = 0, recurrentDropout = 0 }) => dropout > 0 || recurrentDropout > 0);
  const name = layer.getClassName();
  const isSecret = name === "RandomWidth" || name === "RandomHeight" || drops;
  requireArgument(
    !isSecret,
    "model",
    `${name} ${layer.name}`,
    "layers that draw nothing, or dropout and noise as layers",
  );
}
