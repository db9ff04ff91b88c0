import type { Network } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { CollapseError } from "./collapse-error";

/** Throws a `CollapseError` that names the first weight or statistic which is not finite; reads back one flag for each. */
export async function requireFinite({ parameters, buffers }: Network, epoch: number, step: number): Promise<void> {
  const weights = [...parameters, ...buffers];
  const flags = tf.tidy(() => tf.stack(weights.map(([, weight]) => tf.cast(tf.all(tf.isFinite(weight)), "int32"))));
  try {
    const lost = (await flags.data()).indexOf(0);
    if (lost >= 0) throw new CollapseError(epoch, step, `${weights[lost]?.[0] ?? ""} is not finite`);
  } finally {
    flags.dispose();
  }
}
