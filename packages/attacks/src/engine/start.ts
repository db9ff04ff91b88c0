import {
  type Images,
  normal,
  perExampleNorm,
  projectOntoThreat,
  type Random,
  type ThreatModel,
  uniform,
} from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Where an attack starts.
 *
 * - `"clean"`: at the image itself.
 * - `"uniform"`: inside the ball: ℓ∞ uniform in the cube, ℓ2 in a uniform direction at a uniform radius (not uniform in
 *   volume), then clipped to the box; as adversarial training does.
 * - `"gaussian"`: beside the image, `x + scale · N(0, 1)`, not clipped before the first step; as TRADES does.
 */
export type Start = "clean" | "uniform" | "gaussian";

const starts: readonly Start[] = ["clean", "uniform", "gaussian"];

/** Throws an `ArgumentError` unless `start` is known. */
export function requireStart(start: Start): void {
  requireArgument(starts.includes(start), "start", start, `one of ${starts.map((name) => `"${name}"`).join(", ")}`);
}

/** The point that an attack starts from, a new tensor. */
export function startingPoint(x: Images, start: Start, scale: number, threat: ThreatModel, random: Random): Images {
  if (start === "clean") return tf.clone(x);
  if (start === "gaussian") return tf.add(x, normal(random, x.shape, 0, scale));
  return projectOntoThreat(tf.add(x, insideBall(x, threat, random)), x, threat);
}

function insideBall(x: Images, { norm, epsilon }: ThreatModel, random: Random): tf.Tensor {
  if (norm === "linf") return uniform(random, x.shape, -epsilon, epsilon);
  const perRow = [x.shape[0], 1, 1, 1];
  const direction = normal(random.fold(0), x.shape);
  const radius = uniform(random.fold(1), perRow, 0, epsilon);
  return tf.mul(direction, tf.div(radius, tf.maximum(tf.reshape(perExampleNorm(direction, norm), perRow), 1e-12)));
}
