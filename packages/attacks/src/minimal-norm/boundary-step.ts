import { type Bounds, type Images, type Norm, perExampleNorm } from "@awp/core";
import { displacementToHyperplane, perImage } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import type { Boundary } from "./boundary";

/** The options of FAB that its step takes. */
interface StepOptions {
  readonly norm: Norm;
  readonly bounds: Bounds;
  readonly alphaMax: number;
  readonly eta: number;
}

/** Moves `images` past the boundary, with a part of the way from the clean images `x` to the same boundary. */
export function stepToBoundary(images: Images, x: Images, boundary: Boundary, options: StepOptions): Images {
  const { norm, bounds, alphaMax, eta } = options;
  const { normals, values } = boundary;
  const flat = (at: Images): Tensor2D => tf.reshape(at, [at.shape[0], at.size / at.shape[0]]);
  const fromClean = tf.sum<Tensor1D>(tf.mul(flat(normals), flat(tf.sub(x, images))), 1);
  const displacements = displacementToHyperplane({
    points: tf.concat([flat(images), flat(x)]),
    normals: tf.concat([flat(normals), flat(normals)]),
    values: tf.concat([values, tf.add<Tensor1D>(values, fromClean)]),
    norm,
    bounds,
  });
  const lengths = tf.maximum<Tensor1D>(perExampleNorm(displacements, norm), 1e-8);
  const [here = lengths, clean = lengths] = tf.split(lengths, 2);
  const alpha = perImage(tf.minimum(tf.div(here, tf.add(here, clean)), alphaMax));
  const [d1, d2] = tf.split(displacements, 2).map((way) => tf.mul(tf.reshape(way, x.shape), eta)) as [Tensor, Tensor];
  const mixed = tf.add(tf.mul(tf.add(images, d1), tf.sub(1, alpha)), tf.mul(tf.add(x, d2), alpha));
  return tf.clipByValue(mixed, bounds.low, bounds.high) as Images;
}
