import { type Classifier, type Images, type Labels, type Norm, perExampleNorm } from "@awp/core";
import { perImage, vectorJacobian } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs-core";
import { followable } from "../engine/not-a-number";

/** `z_t − z_y` around each image to first order: a function that is 0 where the classifier is about to err. */
export interface Boundary {
  /** Its value at the image, `[batch]`. */
  readonly values: Tensor1D;
  /** Its gradient. */
  readonly normals: Images;
}

/** The boundary to a given class: one forward and one backward pass. */
export function boundaryTo(classifier: Classifier, x: Images, y: Labels, target: Labels): Boundary {
  return linearized(classifier, x, (logits, gradient) => {
    const difference = tf.sub<Tensor2D>(oneHot(target, logits), oneHot(y, logits));
    return { values: tf.sum<Tensor1D>(tf.mul(logits, difference), 1), normals: gradient(difference) };
  });
}

/**
 * The nearest of the boundaries to all classes, to first order and box aside: one forward pass, and a backward pass for
 * each class.
 */
export function nearestBoundary(classifier: Classifier, x: Images, y: Labels, norm: Norm): Boundary {
  return linearized(classifier, x, (logits, gradient) => {
    const label = oneHot(y, logits);
    let nearest: Boundary & { readonly distance: Tensor1D } = {
      values: tf.zeros(y.shape),
      normals: tf.zerosLike(x),
      distance: tf.fill(y.shape, Number.POSITIVE_INFINITY),
    };
    for (let target = 0; target < logits.shape[1]; target++) {
      const next = tf.tidy(() => {
        const targets = tf.fill<tf.Rank.R1>(y.shape, target, "int32");
        const difference = tf.sub<Tensor2D>(oneHot(targets, logits), label);
        const values = tf.sum<Tensor1D>(tf.mul(logits, difference), 1);
        const normals = gradient(difference);
        const distance = tf.div<Tensor1D>(tf.abs(values), tf.add(perExampleNorm(normals, dual[norm]), 1e-12));
        const nearer = tf.logicalAnd<Tensor1D>(tf.less(distance, nearest.distance), tf.notEqual(targets, y));
        return {
          values: tf.where(nearer, values, nearest.values),
          normals: tf.where(perImage(nearer), normals, nearest.normals),
          distance: tf.where(nearer, distance, nearest.distance),
        };
      });
      tf.dispose({ ...nearest });
      nearest = next;
    }
    return { values: nearest.values, normals: nearest.normals };
  });
}

const dual: Readonly<Record<Norm, Norm>> = { linf: "l1", l2: "l2", l1: "linf" };

function linearized(
  classifier: Classifier,
  x: Images,
  boundary: (logits: Tensor2D, gradient: (weights: Tensor) => Images) => Boundary,
): Boundary {
  const { value, gradient, dispose } = vectorJacobian(classifier, x);
  try {
    return tf.tidy(() => ({ ...boundary(followable(value as Tensor2D), (weights) => followable(gradient(weights))) }));
  } finally {
    dispose();
    value.dispose();
  }
}

function oneHot(classes: Labels, logits: Tensor2D): Tensor2D {
  // By a cast: the wasm backend fills a float32 one-hot with the bits of integers.
  return tf.cast(tf.oneHot(classes, logits.shape[1]), "float32") as Tensor2D;
}
