import type { NamedTensors } from "@awp/core";
import { requireArgument, requirePositive } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Settings } from "../optimizer/settings";

/**
 * A bound on the gradient: on its Euclidean norm over all parameters at once, by min(1, norm / (‖g‖ + 1e-6)) as PyTorch's
 * `clip_grad_norm_`, or on the size of each of its entries.
 */
export type Clip = { readonly norm: number } | { readonly value: number };

/** Throws an `ArgumentError` unless one bound is given, above 0. */
export function requireClip(clip: Clip): void {
  const names = Object.keys(clip);
  const [name] = names;
  requireArgument(
    names.length === 1 && (name === "norm" || name === "value"),
    "clip",
    names,
    "a bound, { norm } or { value }",
  );
  requirePositive(`clip.${name}`, Object.values(clip)[0] as number);
}

/** The gradients within the bound, as new tensors. */
export function clipped(gradients: NamedTensors, clip: Clip): NamedTensors {
  return "norm" in clip ? withinNorm(gradients, clip.norm) : withinValue(gradients, clip.value);
}

/** What a resumed run must share. */
export function clipSettings(clip: Clip | undefined): Settings {
  if (clip === undefined) return {};
  return "norm" in clip ? { clipNorm: clip.norm } : { clipValue: clip.value };
}

function withinNorm(gradients: NamedTensors, bound: number): NamedTensors {
  const factor = tf.tidy(() => {
    const squares = [...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)));
    return tf.minimum(1, tf.div(bound, tf.add(tf.sqrt(tf.sum(tf.stack(squares))), 1e-6)));
  });
  const scaled = new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, factor)]));
  factor.dispose();
  return scaled;
}

function withinValue(gradients: NamedTensors, bound: number): NamedTensors {
  return new Map([...gradients].map(([name, gradient]) => [name, tf.clipByValue(gradient, -bound, bound)]));
}
