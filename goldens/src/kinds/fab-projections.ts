import type { Norm } from "@awp/core";
import { displacementToHyperplane } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { relativeToLargest } from "../deviation";
import type { Fields } from "../fields";
import { type Findings, requireKnown } from "../findings";
import { tolerance } from "../tolerance";

const norms: readonly Norm[] = ["linf", "l2", "l1"];

/** The shortest displacements of points of the box [0, 1] onto hyperplanes w·z = b, in three norms. */
export async function fabProjections(golden: Fields, findings: Findings): Promise<void> {
  requireKnown(golden, ["kind", "points", "w", "b", "note", ...norms]);
  for (const norm of norms) {
    if (!golden.has(norm)) continue;
    const displacement = tf.tidy(() => {
      const [points, normals] = [matrix(golden, "points"), matrix(golden, "w")];
      const values = tf.sub<tf.Tensor1D>(tf.sum(tf.mul(normals, points), 1), tf.tensor1d([...golden.numbers("b")]));
      return displacementToHyperplane({ points, normals, values, norm });
    });
    const deviation = relativeToLargest(await displacement.data(), golden.numbers(norm));
    displacement.dispose();
    findings.check(norm, deviation, tolerance.projection);
  }
}

function matrix(golden: Fields, key: string): tf.Tensor2D {
  return tf.tensor2d(golden.matrix(key).map((row) => [...row]));
}
