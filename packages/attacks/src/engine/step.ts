import { type Images, projectOntoThreat, type ThreatModel, unitBounds } from "@awp/core";
import { type ContractKernel, runNamedKernel, steepest } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";

/**
 * The images moved by `length` along the direction that the gradient is steepest in, then brought back into the threat
 * model around `origin`: `Π(images + length · d)`. A new tensor.
 */
export function stepWithin(
  threat: ThreatModel,
  images: Images,
  gradient: Images,
  origin: Images,
  length: number,
): Images {
  const { norm, epsilon, bounds = unitBounds } = threat;
  if (norm === "linf")
    return runNamedKernel(signStep, { images, gradient, origin }, { length, radius: epsilon, ...bounds });
  return moved(threat, images, gradient, origin, length);
}

const signStep: ContractKernel<"SignStep"> = {
  name: "SignStep",
  composite: ({ images, gradient, origin }, { length, radius, low, high }) =>
    moved({ norm: "linf", epsilon: radius, bounds: { low, high } }, images, gradient, origin, length),
};

function moved(threat: ThreatModel, images: Images, gradient: Images, origin: Images, length: number): Images {
  return tf.tidy(() =>
    projectOntoThreat(tf.add(images, tf.mul(steepest(gradient, threat.norm), length)), origin, threat),
  );
}
