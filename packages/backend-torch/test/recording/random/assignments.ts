import * as tf from "@tensorflow/tfjs-core";
import type { Choices } from "./choices";
import { convolved, sliced, tamed } from "./reads";

/** What an assignment chooses from. */
export interface Scene {
  readonly variables: readonly tf.Variable[];
  readonly image: tf.Tensor4D;
  /** What the step has made so far, its inputs among it. */
  readonly made: readonly tf.Tensor[];
}

/** Moves the variable, and others in some cases. */
export type Assign = (variable: tf.Variable, scene: Scene, choices: Choices) => void;

/** Moves the variable to what this makes, cut to its shape and type. */
type Value = (variable: tf.Tensor, scene: Scene, choices: Choices) => tf.Tensor;

const values: readonly Value[] = [
  (w) => tf.mul(w, w.dtype === "int32" ? tf.scalar(-1, "int32") : 0.875),
  (w) => tf.clipByValue(tf.mul(tf.cast(w, "float32"), 0.875), -1, 1),
  (w, scene, choices) => tf.clone(choices.of<tf.Tensor>(alike(w, scene))),
  (_, { made }, choices) => sliced(choices.of(made), choices),
  (_, { made }, choices) => choices.of(made),
  (_, { made }, choices) => tamed(choices.of(made)),
  (w, _, choices) => tf.transpose(w, choices.order(w.rank)),
  (w) => tf.transpose(w),
  (w, _, choices) => (w.rank === 0 ? tf.neg(w) : tf.reverse(w, choices.below(w.rank))),
  (w, scene, choices) => {
    const other = choices.of<tf.Tensor>(alike(w, scene));
    return tf.where(tf.greater(w, other), w, other);
  },
  (w, scene, choices) => {
    const pair = [w, choices.of<tf.Tensor>(alike(w, scene))];
    return tf.unstack(tf.stack(pair, choices.below(w.rank + 1)), 0)[0] as tf.Tensor;
  },
  (w, scene, choices) => {
    if (w.rank === 0) return tf.add(w, w);
    const axis = choices.below(w.rank);
    const joined = tf.concat([choices.of<tf.Tensor>(alike(w, scene)), w], axis);
    return choices.of(choices.chance(0.5) ? tf.split(joined, 2, axis) : [joined]);
  },
  (w, { image }, choices) => (w.rank === 4 ? convolved(image, tamed(w), choices) : tamed(w)),
];

/** Moves the variable to a random value. */
export const assignValue: Assign = (variable, scene, choices) => {
  variable.assign(fitted(choices.of(values)(variable, scene, choices), variable));
};

/** Assigns a variable itself, not a clone, whose data the two then share. */
export const assignVariable: Assign = (variable, scene, choices) => {
  const others = alike(variable, scene).filter((each) => each !== variable);
  if (others.length > 0) variable.assign(choices.of<tf.Tensor>(others));
};

/** Swaps two variables of one shape, or one with itself. */
export const swap: Assign = (variable, scene, choices) => {
  const other = choices.of(alike(variable, scene));
  const before = tf.clone<tf.Tensor>(variable);
  variable.assign(tf.clone<tf.Tensor>(other));
  other.assign(before);
};

/** The variables of the same shape and type, this one among them. */
export function alike({ shape, dtype }: tf.Tensor, { variables }: Scene): tf.Variable[] {
  return variables.filter((each) => each.dtype === dtype && tf.util.arraysEqual(each.shape, shape));
}

/** The values in the variable's shape and type, without a copy where they have it; cut or repeated where they have not. */
function fitted(value: tf.Tensor, { shape, size, dtype }: tf.Variable): tf.Tensor {
  const typed = value.dtype === dtype ? value : tf.cast(value, dtype);
  if (typed.size === size) return tf.reshape(typed, shape);
  const flat = tf.reshape(typed, [-1]);
  const enough = tf.tile(flat, [Math.ceil(size / flat.size)]);
  return tf.reshape(tf.slice(enough, 0, size), shape);
}
