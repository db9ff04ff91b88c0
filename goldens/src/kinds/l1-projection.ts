import { type Images, projectOntoThreat } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { relativeToLargest } from "../deviation";
import type { Fields } from "../fields";
import { type Findings, requireKnown } from "../findings";
import { tolerance } from "../tolerance";

/** The correction that takes x + delta onto the intersection of an ℓ1 ball around x and the box [0, 1]. */
export async function l1Projection(golden: Fields, findings: Findings): Promise<void> {
  requireKnown(golden, ["kind", "x", "delta", "eps", "correction", "note"]);
  const epsilon = golden.number("eps");
  const correction = tf.tidy(() => {
    const x = asImages(golden.matrix("x"));
    const moved = tf.add(x, asImages(golden.matrix("delta")));
    return tf.sub(projectOntoThreat(moved as Images, x, { norm: "l1", epsilon }), moved);
  });
  const deviation = relativeToLargest(await correction.data(), golden.numbers("correction"));
  correction.dispose();
  findings.check("correction", deviation, tolerance.projection);
}

function asImages(rows: readonly (readonly number[])[]): Images {
  return tf.tensor4d(rows.flat(), [rows.length, 1, 1, rows[0]?.length ?? 0]);
}
