import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { requireShape } from "../argument";
import { sign } from "./sign";
import { type Bounds, type Norm, requireBounds, requireNorm, unitBounds } from "./threat";

/** Points of a box, each with an affine function whose zeros are the hyperplane to reach. */
export interface HyperplaneProblem {
  /** `[points, dimensions]`, inside `bounds`. */
  readonly points: Tensor2D;
  /** Gradients of the functions, one per point, `[points, dimensions]`. */
  readonly normals: Tensor2D;
  /** Values of the functions at their points, `[points]`. */
  readonly values: Tensor1D;
  readonly norm: Norm;
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
}

/**
 * The shortest way in `norm`, inside the box, from each point to where its affine function is 0: displacements
 * `[points, dimensions]`, a new tensor.
 *
 * Where the hyperplane does not meet the box, it is the way to the corner that comes nearest to it; where the normal is
 * 0, it is 0. Reads nothing back from the device.
 *
 * @throws ArgumentError for shapes that do not fit, an unknown norm and an empty box.
 * @see Croce and Hein 2020, arXiv:1907.02044
 */
export function displacementToHyperplane(problem: HyperplaneProblem): Tensor2D {
  const { points, normals, values, norm, bounds = unitBounds } = problem;
  requireNorm(norm);
  requireBounds(bounds);
  requireShape("normals", normals, points.shape, "the shape of points");
  requireShape("values", values, points.shape.slice(0, 1), "one for each point");
  return tf.tidy(() => {
    // Every coordinate moves against the sign of the function's slope along it, if at all: only lengths are wanted.
    const perPoint = (tensor: Tensor1D): Tensor2D => tf.reshape(tensor, [-1, 1]);
    const slopes = tf.mul(normals, perPoint(sign(values)));
    // In units of the largest slope, so that neither tiny nor huge gradients leave float32's range.
    const unit: Tensor2D = tf.max(tf.abs(normals), 1, true);
    const speed = tf.divNoNan<Tensor2D>(tf.abs(normals), unit);
    const excess = tf.divNoNan<Tensor2D>(tf.abs(perPoint(values)), unit);
    const room = tf.where(tf.greater(slopes, 0), tf.sub(points, bounds.low), tf.sub(bounds.high, points)) as Tensor2D;
    const lengths = norm === "l1" ? greedyLengths(speed, room, excess) : cappedLengths(speed, room, excess, norm);
    const reachable = tf.greater(fall(speed, room), excess);
    return tf.mul(tf.neg(sign(slopes)), tf.where(reachable, lengths, room));
  });
}

/** The fall of each function along a way of these lengths, `[points, 1]`. */
function fall(speed: Tensor2D, lengths: Tensor2D): Tensor2D {
  return tf.sum(tf.mul(speed, lengths), 1, true);
}

/** Enough steps for random slopes that use up 0.9999 of the box's depth; fewer leave a little of the way missing. */
const newtonSteps = 16;

/**
 * Lengths in ℓ∞ and ℓ2: `min(λ·u, room)` with u = 1 or u = speed, where λ makes the fall equal to the excess. The fall
 * is concave and piecewise linear in λ, so that Newton's method from 0 climbs to λ without passing it, and is exact on
 * its piece.
 */
function cappedLengths(speed: Tensor2D, room: Tensor2D, excess: Tensor2D, norm: "linf" | "l2"): Tensor2D {
  const share = norm === "l2" ? speed : tf.onesLike(speed);
  // For ℓ∞ too: on wasm a minimum that broadcasts takes ten times as long as a product that does.
  const wantedAt = (lambda: Tensor2D): Tensor2D => tf.mul(lambda, share);
  const rate = tf.mul<Tensor2D>(speed, share);
  let lambda = tf.zerosLike(excess);
  for (let step = 0; step < newtonSteps; step++) {
    const next = tf.tidy(() => {
      const wanted = wantedAt(lambda);
      const missing = tf.sub(excess, fall(speed, tf.minimum(wanted, room)));
      return tf.add<Tensor2D>(lambda, tf.divNoNan(tf.relu(missing), fall(rate, indicator(room, wanted))));
    });
    lambda.dispose();
    lambda = next;
  }
  return tf.minimum(wantedAt(lambda), room);
}

/** 1 where a > b, else 0. No cast makes it: on wasm that takes longer than everything else here together. */
function indicator(a: Tensor2D, b: Tensor2D): Tensor2D {
  return tf.step(tf.sub<Tensor2D>(a, b));
}

/** Halvings of the interval of thresholds: leaves 1e-9 of the largest speed, less than float32 resolves. */
const halvings = 30;

/**
 * Lengths in ℓ1: the fastest coordinates use all of their room, down to a threshold found by bisection; those at the
 * threshold, one unless there are equals, go as far as is left to go.
 */
function greedyLengths(speed: Tensor2D, room: Tensor2D, excess: Tensor2D): Tensor2D {
  const whole = tf.mul<Tensor2D>(speed, room);
  const faster = (threshold: Tensor2D): Tensor2D => indicator(speed, threshold);

  let low = tf.zerosLike(excess);
  let high = tf.onesLike(excess);
  for (let step = 0; step < halvings; step++) {
    const [nextLow, nextHigh] = tf.tidy((): [Tensor2D, Tensor2D] => {
      const middle = tf.mul<Tensor2D>(tf.add(low, high), 0.5);
      const tooMany = tf.greater(fall(whole, faster(middle)), excess);
      return [tf.where(tooMany, middle, low), tf.where(tooMany, high, middle)];
    });
    tf.dispose([low, high]);
    low = nextLow;
    high = nextHigh;
  }
  const full = faster(high);
  const atThreshold = tf.sub<Tensor2D>(faster(low), full);
  const part = tf.divNoNan(tf.relu(tf.sub(excess, fall(whole, full))), fall(whole, atThreshold));
  return tf.mul(room, tf.add(full, tf.mul(atThreshold, tf.minimum(part, 1))));
}
