import type { Batch, Images, Loss } from "@awp/core";
import { inShares, lossInParts } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { described, eachKnownBatch, layoutOf } from "../each-batch";
import { adversarialOf, adversarialOfEach, defaultLoss, type Measurement } from "../measure";
import { draws, type SharpnessOptions } from "./options";

/** Whether adversarial images stay as they were made at w, or are made anew at each displaced network. */
export type AdversarialImages = "fixed" | "anew";

/** Images in memory, and the mean loss over all of them as a function of the network's weights. */
export interface HeldImages {
  readonly count: number;
  /** The mean over all images, of the adversarial ones that were made at w; a part for each batch. */
  readonly loss: Loss;
  /** The value of that mean for the weights as they are now, or of the one over images made anew there, in double precision. */
  meanLoss(adversarial: AdversarialImages): Promise<number>;
  dispose(): void;
}

interface Held {
  readonly batch: Batch;
  /** The same tensor as the batch's without an attack. */
  readonly adversarial: Images;
}

/**
 * Reads the images, attacks them once, where the weights are, and keeps them until `dispose`: the loss of a network's
 * weights that a weight attack takes, or a Hessian.
 *
 * @example
 * const test = () => batches(testSet, { batchSize: 100 });
 * const held = await heldImages({ network, batches: test, attack, random: random(0) });
 * const perturbation = awp({ gamma: 0.01 })(network.parameters, held.loss, random(1));
 * held.dispose();
 * @throws ArgumentError for batches that cannot be meant.
 */
export async function heldImages(options: SharpnessOptions): Promise<HeldImages> {
  const { network, batches, attack, loss = defaultLoss, random, group, signal } = options;
  const measurement: Measurement = { network, attack, loss, random: random.fold(draws.attack) };
  const held: Held[] = [];
  const dispose = (): void =>
    tf.dispose(held.flatMap(({ batch, adversarial }) => [batch.images, batch.labels, adversarial]));
  try {
    const layout = await layoutOf(batches, signal);
    await eachKnownBatch(batches, layout, signal, (batch) => {
      const [images, labels] = [tf.keep(tf.clone(batch.images)), tf.keep(tf.clone(batch.labels))];
      held.push({ batch: { images, labels, indices: batch.indices.slice() }, adversarial: images });
    });
    if (attack !== undefined) {
      const batches = held.map(({ batch }) => batch);
      let place = 0;
      for await (const adversarial of adversarialOfEach({ measurement, attack, batches, group, signal })) {
        held[place] = { ...(held[place] as Held), adversarial };
        place += 1;
      }
    }
  } catch (error) {
    dispose();
    throw error;
  }
  const count = held.reduce((images, { batch }) => images + batch.indices.length, 0);
  const parts = held.map(({ batch, adversarial }) => (): tf.Scalar => {
    return tf.tidy(() => tf.div(tf.sum<tf.Scalar>(loss(network, batch, adversarial, "eval")), count));
  });

  async function meanLoss(kind: AdversarialImages): Promise<number> {
    const work = async ({ batch, adversarial }: Held) => {
      const losses = tf.tidy(() => {
        const remade = kind === "anew" && attack !== undefined;
        return loss(network, batch, remade ? adversarialOf(measurement, attack, batch) : adversarial, "eval");
      });
      try {
        return await losses.data<"float32">();
      } finally {
        losses.dispose();
        await tf.nextFrame(); // lets timers and signals in: on some backends nothing above leaves the microtasks
      }
    };
    const label = ({ batch }: Held): string => described([batch.indices]);
    let total = 0;
    for await (const { outcome } of inShares({ group, units: held, work, label, signal, what: "losses" })) {
      total = outcome.reduce((sum, value) => sum + value, total);
    }
    return total / count;
  }

  return { count, loss: lossInParts(parts), meanLoss, dispose };
}
