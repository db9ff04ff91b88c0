import { AwpError, type Classifier, type Images } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Classified, OpenModel } from "./open-model";

/** Throws an AwpError unless the model takes images of that form. */
export function requireInput({ kind, input }: OpenModel, { shape }: Classified, data: string): void {
  if (input === undefined || input.every((size, axis) => size === null || size === shape[axis])) return;
  const wanted = input.map((size) => size ?? "any").join("×");
  const advice = input[2] === null || input[2] === shape[2] ? ": with --resize it resizes them itself" : "";
  throw new AwpError(`the ${kind} takes images of ${wanted}, those of ${data} are of ${shape.join("×")}${advice}`);
}

/** Asks about one black image, and throws an AwpError unless the answer has a logit for each class. */
export function requireClasses(classifier: Classifier, { shape, classNames }: Classified, data: string): void {
  const [, classes] = tf.tidy(() => answer(classifier, tf.zeros([1, ...shape])).shape);
  if (classes === classNames.length) return;
  throw new AwpError(`the model tells ${classes} classes apart, ${data} has ${classNames.length}`);
}

function answer(classifier: Classifier, image: Images): tf.Tensor {
  try {
    return classifier(image);
  } catch (error) {
    if (AwpError.is(error)) throw error;
    const form = image.shape.slice(1).join("×");
    throw new AwpError(`the model does not take an image of ${form}: ${(error as Error).message}`, { cause: error });
  }
}
