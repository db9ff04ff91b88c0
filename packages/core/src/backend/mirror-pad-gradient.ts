import * as tf from "@tensorflow/tfjs-core";

interface Attributes {
  readonly paddings: readonly (readonly [before: number, after: number])[];
  readonly mode: "reflect" | "symmetric";
}

/** The gradient of mirror padding: what lies in the margins comes back to the values that were mirrored there. */
export const mirrorPadGradient: tf.GradFunc = (dy, _, attrs) => {
  const { paddings, mode } = attrs as unknown as Attributes;
  // By reflection the values at the border, themselves the mirror, are not repeated.
  const border = mode === "reflect" ? 1 : 0;
  return {
    x: () =>
      tf.tidy(() =>
        paddings.reduce((folded, margins, axis) => foldedBack(folded, axis, margins, border), dy as tf.Tensor),
      ),
  };
};

function foldedBack(
  dy: tf.Tensor,
  axis: number,
  [before, after]: readonly [number, number],
  border: number,
): tf.Tensor {
  const size = dy.shape[axis]! - before - after;
  const part = (start: number, count: number): tf.Tensor =>
    tf.slice(
      dy,
      dy.shape.map((_, i) => (i === axis ? start : 0)),
      dy.shape.map((all, i) => (i === axis ? count : all)),
    );
  const margin = (start: number, count: number, place: number): tf.Tensor =>
    tf.pad(
      tf.reverse(part(start, count), axis),
      dy.shape.map((_, i) => (i === axis ? [place, size - place - count] : [0, 0])),
    );
  let folded = part(before, size);
  if (before > 0) folded = tf.add(folded, margin(0, before, border));
  if (after > 0) folded = tf.add(folded, margin(before + size, after, size - border - after));
  return folded;
}
