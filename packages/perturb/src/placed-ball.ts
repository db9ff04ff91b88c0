import type { NamedTensors, Parameters } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar } from "@tensorflow/tfjs-core";
import {
  divisor,
  type GroupNorms,
  groupNorms,
  normsByName,
  rescaledTo,
  type Scaling,
  scaledDirection,
} from "./group-norm";
import { mapTensors, tidyTensors } from "./named-tensors";
import { chosenBy, isKernel, type RelativeLengths, relativeLengths, type WeightBall } from "./weight-ball";

/** A ball and its centre: the parameters that move, the norms of their groups and the radius of each. */
export interface PlacedBall {
  readonly chosen: Parameters;
  /** The norms of the groups of `chosen`; undefined where that is empty. */
  readonly norms: GroupNorms | undefined;
  readonly radii: RelativeLengths;
  readonly scaling: Scaling;
  readonly relativeBox: number | Scalar | undefined;
}

/** The ball around the present weights. Its norms are new tensors; no parameter is in it if gamma is 0 for each. */
export function placed(weights: Parameters, ball: WeightBall): PlacedBall {
  const { gamma, scaling = "layer", relativeBox, predicate = isKernel } = ball;
  const radii = relativeLengths("gamma", gamma, chosenBy(predicate, weights));
  const chosen = new Map([...weights].filter(([name]) => (radii.get(name) ?? 0) !== 0));
  const norms = chosen.size === 0 ? undefined : groupNorms(chosen, scaling);
  return { chosen, norms, radii, scaling, relativeBox };
}

/** `length · ‖w‖ · d / ‖d‖` per group, 0 where d is 0. */
export function rescaled(directions: NamedTensors, lengths: RelativeLengths, ball: PlacedBall): NamedTensors {
  const { scaling } = ball;
  const norms = ball.norms as GroupNorms;
  const ordered = inOrder(directions, ball);
  const given = [...ordered.keys()].map((name) => named(lengths, name));
  const numbers = given.filter((length) => typeof length === "number");
  if (numbers.length === given.length) return rescaledTo(norms, ordered, scaling, numbers);
  // A length in a tensor, which the kernel does not know, goes by ordinary operations.
  return tidyTensors(() => {
    const own = normsByName(groupNorms(ordered, scaling), ordered, scaling);
    const centre = normsByName(norms, ordered, scaling);
    return mapTensors(ordered, (direction, name) =>
      scaledDirection(direction, named(own, name), named(centre, name), named(lengths, name)),
    );
  });
}

/** The nearest point with `‖v‖ ≤ gamma · ‖w‖` per group; points of the ball stay exactly as they are. */
export function projected(deltas: NamedTensors, ball: PlacedBall): NamedTensors {
  const { norms, radii, scaling } = ball;
  const ordered = inOrder(deltas, ball);
  return tidyTensors(() => {
    const lengths = normsByName(groupNorms(ordered, scaling), ordered, scaling);
    const centre = normsByName(norms as GroupNorms, ordered, scaling);
    return mapTensors(ordered, (delta, name) => {
      const allowed = tf.mul(named(centre, name), named(radii, name));
      return tf.mul(delta, tf.minimum(1, tf.div(allowed, divisor(named(lengths, name)))));
    });
  });
}

/** The nearest point of the box: each entry at most `relativeBox` times its weight. It lies in every ball that v lies in. */
export function boxed(deltas: NamedTensors, { chosen, relativeBox }: PlacedBall): NamedTensors {
  if (relativeBox === undefined) return deltas;
  return mapTensors(deltas, (delta, name) => {
    const bound = tf.mul(tf.abs(named(chosen, name)), relativeBox);
    return tf.maximum(tf.neg(bound), tf.minimum(delta, bound));
  });
}

/** The tensors in the order of the ball's parameters, which its norms have too. */
function inOrder(tensors: NamedTensors, { chosen }: PlacedBall): NamedTensors {
  return new Map([...chosen.keys()].map((name) => [name, named(tensors, name)]));
}

function named<T>(values: ReadonlyMap<string, T>, name: string): T {
  return values.get(name) as T;
}
