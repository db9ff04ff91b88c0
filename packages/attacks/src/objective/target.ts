import { integers } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D } from "@tensorflow/tfjs-core";
import type { Goal } from "./goal";

/** Towards one class, for every image. */
export function towardsClass(label: number): Goal {
  requireArgument(Number.isSafeInteger(label) && label >= 0, "label", label, "a class, from 0");
  return { kind: "targeted", target: (y) => tf.fill(y.shape, label, "int32") };
}

/** Towards a class drawn for each image among the others; by a row's key, where the randomness has keys. */
export function towardsRandom(classes: number): Goal {
  requireArgument(Number.isSafeInteger(classes) && classes >= 2, "classes", classes, "how many there are, at least 2");
  return {
    kind: "targeted",
    // A fold that no attack takes for itself.
    target: (y, { random }) => {
      const other = tf.add(y, integers(random.fold(-1), y.shape, 1, classes));
      return tf.mod<Tensor1D>(other, tf.scalar(classes, "int32"));
    },
  };
}

/** Towards the class that the classifier finds least likely for the clean image; one forward pass more. */
export function towardsLeastLikely(): Goal {
  return {
    kind: "targeted",
    target: (_y, { classifier, x }) => tf.argMax<Tensor1D>(tf.neg(classifier(x)), -1),
  };
}
