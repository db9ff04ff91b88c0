import {
  type Images,
  type Norm,
  normal,
  perExampleNorm,
  projectOntoThreat,
  type Random,
  type ThreatModel,
  uniform,
} from "@awp/core";
import { perImage } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/**
 * Where an attack starts.
 *
 * - `"clean"`: at the image itself.
 * - `"uniform"`: inside the ball: ℓ∞ uniform in the cube, ℓ2 in a uniform direction at a uniform radius (not uniform in
 *   volume), then clipped to the box; as adversarial training does.
 * - `"gaussian"`: beside the image, `x + scale · N(0, 1)`, not clipped before the first step; as TRADES does.
 * - `"sphere"`: as far away as the ball allows, then clipped to the box: ℓ∞ uniform noise stretched until some pixel is
 *   at its end, ℓ2 in a uniform direction, ℓ1 the point of ball and box next to Gaussian noise; as AutoAttack does.
 */
export type Start = "clean" | "uniform" | "gaussian" | "sphere";

/** All of them. */
export const starts: readonly Start[] = ["clean", "uniform", "gaussian", "sphere"];

/** How a start is made. */
export interface StartOptions {
  readonly start: Start;
  /** Standard deviation of `"gaussian"`, in the scale of the bounds. */
  readonly scale?: number;
}

/** The point that an attack starts from, a new tensor of x's shape. */
export function startingPoint(
  x: Images,
  { start, scale = 0 }: StartOptions,
  threat: ThreatModel,
  random: Random,
): Images {
  if (start === "clean") return tf.clone(x);
  if (start === "gaussian") return tf.add(x, normal(random, x.shape, 0, scale));
  const offset = start === "uniform" ? insideBall(x, threat, random) : onBall(x, threat, random);
  return projectOntoThreat(tf.add(x, offset), x, threat);
}

/** Random directions of length 1, a new tensor of x's shape: in ℓ∞ from uniform noise, else from Gaussian noise. */
export function randomDirection(x: Images, norm: Norm, random: Random): Images {
  const noise = norm === "linf" ? uniform(random, x.shape, -1, 1) : normal(random, x.shape);
  return tf.divNoNan(noise, perImage(perExampleNorm(noise, norm)));
}

function onBall(x: Images, { norm, epsilon }: ThreatModel, random: Random): tf.Tensor {
  return norm === "l1" ? normal(random, x.shape) : tf.mul(randomDirection(x, norm, random), epsilon);
}

const draws = { direction: 0, radius: 1 } as const;

function insideBall(x: Images, { norm, epsilon }: ThreatModel, random: Random): tf.Tensor {
  if (norm === "linf") return uniform(random, x.shape, -epsilon, epsilon);
  const direction = normal(random.fold(draws.direction), x.shape);
  const radius = uniform(random.fold(draws.radius), [x.shape[0], 1, 1, 1], 0, epsilon);
  return tf.mul(direction, tf.div(radius, tf.maximum(perImage(perExampleNorm(direction, norm)), 1e-12)));
}
