import * as tf from "@tensorflow/tfjs-core";
import type { Images } from "../contract";
import { perImage } from "./per-image";
import { perExampleNorm } from "./project";
import { sign } from "./sign";
import type { Norm } from "./threat";

/**
 * The direction of length 1 in `norm` (`"linf"`, `"l2"`) that a loss of this gradient grows in most, per example; 0 where
 * the gradient is 0.
 */
export function steepest(gradient: Images, norm: Norm): Images {
  if (norm === "linf") return sign(gradient);
  // Scaled by its largest entry first: squares of a confident network's gradient would vanish, and the attack stand still.
  const scaled = tf.divNoNan(gradient, perImage(perExampleNorm(gradient, "linf")));
  return tf.divNoNan<Images>(scaled, perImage(perExampleNorm(scaled, norm)));
}
