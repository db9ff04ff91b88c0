import { type Batch, crossEntropy, type Loss, type Network, random } from "@awp/core";
import { lossInParts } from "@awp/core/authoring";
import { awp, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { relative } from "./deviation";
import type { Fields } from "./fields";
import { type Findings, requireKnown } from "./findings";
import { tolerance } from "./tolerance";

/** The mean cross-entropy of a network in evaluation mode on batches of images that stay, part by part. */
export function meanLoss(network: Network, batches: readonly Pick<Batch, "images" | "labels">[]): Loss {
  const total = batches.reduce((count, { images }) => count + images.shape[0], 0);
  return lossInParts(
    batches.map(({ images, labels }) => () => {
      return tf.tidy(() => tf.div<tf.Scalar>(tf.sum(crossEntropy(network.forward(images, "eval"), labels)), total));
    }),
  );
}

/** Checks the loss at w, and at w + v with v of one-step AWP. */
export async function checkOneStepAwp(
  name: string,
  network: Network,
  loss: Loss,
  golden: Fields,
  findings: Findings,
): Promise<void> {
  requireKnown(golden, ["gamma", "loss", "loss_at_w_plus_v"]);
  const gamma = golden.number("gamma");
  const v = awp({ gamma })(network.parameters, loss, random(0));
  const [here, there] = [loss(), withPerturbation(network.parameters, v, () => loss())];
  v.dispose();
  for (const [key, value] of [
    ["loss", here],
    ["loss_at_w_plus_v", there],
  ] as const) {
    const [given = Number.NaN] = await value.data();
    value.dispose();
    findings.check(
      `${name} gamma ${gamma} ${key}`,
      relative(given, golden.number(key)),
      tolerance.landscape.oneStepAwp,
    );
  }
}
