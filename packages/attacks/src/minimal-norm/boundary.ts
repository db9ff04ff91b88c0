import type { Classifier, Images, Labels, Logits } from "@awp/core";
import { oneHot, perImage, vectorJacobian } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
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
  return linearized(classifier, x, y, (_logits, to) => to(target));
}

/**
 * The nearest of the boundaries to other classes, to first order: one forward pass, and a backward pass for each of the
 * candidates. Where none is at a finite distance, all zeros.
 */
export function nearestBoundary(
  classifier: Classifier,
  x: Images,
  y: Labels,
  /** Made of the logits; one that is the label counts for none. */
  candidates: (logits: Logits) => readonly Labels[],
  /** Per example, `[batch]`. */
  distanceTo: (boundary: Boundary) => Tensor1D,
): Boundary {
  return linearized(classifier, x, y, (logits, to) => {
    let nearest: Boundary & { readonly distance: Tensor1D } = {
      values: tf.zeros([x.shape[0]]),
      normals: tf.zerosLike(x),
      distance: tf.fill([x.shape[0]], Number.POSITIVE_INFINITY),
    };
    for (const target of candidates(logits)) {
      const next = tf.tidy(() => {
        const boundary = to(target);
        const distance = distanceTo(boundary);
        const nearer = tf.logicalAnd<Tensor1D>(tf.less(distance, nearest.distance), tf.notEqual(target, y));
        return {
          values: tf.where(nearer, boundary.values, nearest.values),
          normals: tf.where(perImage(nearer), boundary.normals, nearest.normals),
          distance: tf.where(nearer, distance, nearest.distance),
        };
      });
      tf.dispose({ ...nearest });
      nearest = next;
    }
    return { values: nearest.values, normals: nearest.normals };
  });
}

/** Runs the classifier once, for boundaries to as many classes as wanted. New tensors; what else is made is freed. */
function linearized(
  classifier: Classifier,
  x: Images,
  y: Labels,
  choose: (logits: Logits, to: (target: Labels) => Boundary) => Boundary,
): Boundary {
  const { value, gradient, dispose } = vectorJacobian(classifier, x);
  try {
    return tf.tidy(() => {
      const logits = followable(value as Logits); // an infinite logit would make NaN of all differences
      const label = oneHot(y, logits);
      const to = (target: Labels): Boundary => {
        const difference: Tensor = tf.sub(oneHot(target, logits), label);
        return {
          values: tf.sum<Tensor1D>(tf.mul(logits, difference), 1),
          normals: followable(gradient(difference)),
        };
      };
      return { ...choose(logits, to) };
    });
  } finally {
    dispose();
    value.dispose();
  }
}
