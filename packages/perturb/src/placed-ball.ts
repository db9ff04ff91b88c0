import type { NamedTensors, Parameters } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { divisor, groupNorms, type Scaling } from "./group-norm";
import { mapTensors } from "./named-tensors";
import { chosenBy, isKernel, type RelativeLengths, relativeLengths, type WeightBall } from "./weight-ball";

/** A ball and its centre: the parameters that move, the norms of their groups and the radius of each. */
export interface PlacedBall {
  readonly chosen: Parameters;
  readonly norms: NamedTensors;
  readonly radii: RelativeLengths;
  readonly scaling: Scaling;
  readonly relativeBox: number | Scalar | undefined;
}

/** The ball around the present weights. Its norms are new tensors; no parameter is in it if gamma is 0 for each. */
export function placed(weights: Parameters, ball: WeightBall): PlacedBall {
  const { gamma, scaling = "layer", relativeBox, predicate = isKernel } = ball;
  const radii = relativeLengths("gamma", gamma, chosenBy(predicate, weights));
  const chosen = new Map([...weights].filter(([name]) => (radii.get(name) ?? 0) !== 0));
  const norms = chosen.size === 0 ? new Map<string, Tensor>() : groupNorms(chosen, scaling);
  return { chosen, norms, radii, scaling, relativeBox };
}

/** `length · ‖w‖ · d / ‖d‖` per group, 0 where d is 0. */
export function rescaled(directions: NamedTensors, lengths: RelativeLengths, ball: PlacedBall): NamedTensors {
  const directionNorms = groupNorms(directions, ball.scaling);
  return mapTensors(directions, (direction, name) =>
    tf.mul(
      tf.div(direction, divisor(named(directionNorms, name))),
      tf.mul(named(ball.norms, name), named(lengths, name)),
    ),
  );
}

/** The nearest point with `‖v‖ ≤ gamma · ‖w‖` per group; points of the ball stay exactly as they are. */
export function projected(deltas: NamedTensors, { norms, radii, scaling }: PlacedBall): NamedTensors {
  const lengths = groupNorms(deltas, scaling);
  return mapTensors(deltas, (delta, name) => {
    const allowed = tf.mul(named(norms, name), named(radii, name));
    return tf.mul(delta, tf.minimum(1, tf.div(allowed, divisor(named(lengths, name)))));
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

function named<T>(values: ReadonlyMap<string, T>, name: string): T {
  return values.get(name) as T;
}
