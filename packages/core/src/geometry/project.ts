import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Images } from "../contract";
import { requireShape } from "../argument";
import { requireArgument } from "../error";
import { projectRowsOntoL1 } from "./l1-projection";
import { type Norm, requireEpsilon, requireNorm, requireThreatModel, type ThreatModel, unitBounds } from "./threat";

/**
 * The norm of each example of `delta`, `[batch, ...]`, over all of its entries: `[batch]`, a new tensor.
 *
 * @example
 * const distances = perExampleNorm(tf.sub(adversarial, images), "linf"); // [batch]
 * @throws ArgumentError for an unknown norm, or a tensor that is no batch of examples.
 */
export function perExampleNorm(delta: Tensor, norm: Norm): Tensor1D {
  requireNorm(norm);
  requireBatch(delta, "delta");
  return tf.tidy(() => tf.squeeze(rowNorm(rows(delta), norm), [1]));
}

/**
 * The point of the ball of radius `epsilon` around 0 that is nearest to each example of `delta`, `[batch, ...]`; a new
 * tensor of the same shape. Points of the ball stay exactly as they are.
 *
 * @example
 * const delta = tf.sub(adversarial, images);
 * const inside = projectOntoBall(delta, "l2", 0.5); // no row is longer than 0.5
 * @throws ArgumentError for an unknown norm or a radius that is negative or not finite.
 */
export function projectOntoBall<T extends Tensor>(delta: T, norm: Norm, epsilon: number): T {
  requireNorm(norm);
  requireEpsilon(epsilon);
  requireBatch(delta, "delta");
  return tf.tidy(() => {
    if (norm === "linf") return tf.clipByValue(delta, -epsilon, epsilon);
    const flat = rows(delta);
    const projected = norm === "l2" ? scaleToBall(flat, epsilon) : projectRowsOntoL1(flat, epsilon);
    return tf.reshape(projected, delta.shape) as T;
  });
}

/**
 * Brings `adversarial` back into the threat model around the images `x`, which lie in the threat model's bounds.
 *
 * In ℓ∞ and ℓ2 it projects onto the ball, then onto the box, as the reference implementations do; in ℓ1 it finds the
 * nearest point of ball ∩ box. Returns new images of the same shape.
 *
 * @example
 * const allowed = projectOntoThreat(adversarial, images, { norm: "linf", epsilon: 8 / 255 });
 * @throws ArgumentError for a threat model that is none, or images of two shapes.
 */
export function projectOntoThreat(adversarial: Images, x: Images, threat: ThreatModel): Images {
  requireThreatModel(threat);
  requireBatch(adversarial, "adversarial");
  requireShape("adversarial", adversarial, x.shape, "the shape of x");
  const { norm, epsilon, bounds = unitBounds } = threat;
  return tf.tidy(() => {
    const inBall = {
      linf: () => tf.minimum(tf.maximum(adversarial, tf.sub(x, epsilon)), tf.add(x, epsilon)),
      l2: () => tf.add(x, projectOntoBall(tf.sub(adversarial, x), "l2", epsilon)),
      l1: () => {
        const delta = tf.sub(adversarial, x);
        const room = tf.where(tf.greater(delta, 0), tf.sub(bounds.high, x), tf.sub(x, bounds.low));
        return tf.add(x, tf.reshape(projectRowsOntoL1(rows(delta), epsilon, rows(room)), x.shape));
      },
    }[norm]();
    return tf.clipByValue(inBall, bounds.low, bounds.high) as Images;
  });
}

function scaleToBall(delta: Tensor2D, epsilon: number): Tensor2D {
  // ε / max(‖δ‖, ε) is exactly 1 inside the ball and finite for a row of zeros; the floor is for ε = 0.
  const scale = tf.div(epsilon, tf.maximum(rowNorm(delta, "l2"), Math.max(epsilon, 1e-12)));
  return tf.mul(delta, scale);
}

function rowNorm(delta: Tensor2D, norm: Norm): Tensor2D {
  if (norm === "linf") return tf.max(tf.abs(delta), 1, true);
  if (norm === "l1") return tf.sum(tf.abs(delta), 1, true);
  return tf.sqrt(tf.sum<Tensor2D>(tf.square(delta), 1, true));
}

function rows(delta: Tensor): Tensor2D {
  const [batch = 0] = delta.shape;
  return tf.reshape(delta, [batch, delta.size / Math.max(batch, 1)]);
}

function requireBatch(delta: Tensor, argument: string): void {
  requireArgument(delta.rank >= 2 && delta.size > 0, argument, delta.shape, "a batch of examples, [batch, ...]");
}
