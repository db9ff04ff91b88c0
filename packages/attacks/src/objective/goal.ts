import type { Labels } from "@awp/core";
import type { Problem } from "../engine/iterative";

/**
 * Where an attack leads: away from the labels, or towards a target.
 *
 * `target` is a class for each image, `[batch]`, int32: a tensor, or a function of the labels and what else the attack is given, for instance
 * `(y) => tf.cast(tf.mod(tf.add(y, 1), 10), "int32")`. A tensor stays the caller's; what the function creates is freed.
 */
export type Goal =
  | { readonly kind: "untargeted" }
  | { readonly kind: "targeted"; readonly target: Labels | ((y: Labels, problem: Problem) => Labels) };
