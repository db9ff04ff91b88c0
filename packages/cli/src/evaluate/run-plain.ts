import { evaluate } from "@awp/attacks";
import { type Attack, random } from "@awp/core";
import { batches } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";
import { breathe } from "../terminal/signals";
import { percent } from "../terminal/table";
import { attackNamed } from "./named-attack";
import type { Found, Trial, Watch } from "./trial";

/** No room to move. */
const stayPut: Attack = (_classifier, x) => tf.clone(x);

/** An attack at one radius. */
export async function runPlain(trial: Trial, epsilon: number, { task, signal }: Watch): Promise<Found> {
  const { attack: name, norm, batchSize, seed, classifier, images } = trial;
  const attack = epsilon === 0 ? stayPut : attackNamed(name).make({ norm, epsilon });
  const running = evaluate({ classifier, attack, batches: batches(images, { batchSize }), random: random(seed) });
  for (;;) {
    const { done, value } = await running.next();
    if (done === true) {
      task.note(`${percent(value.robustAccuracy)} robust`);
      const { naturalAccuracy, robustAccuracy, perExample } = value;
      return { naturalAccuracy, robustAccuracy, perExample };
    }
    task.update(value.examples / images.indices.length, `${value.robust} of ${value.examples} robust`);
    await breathe(signal);
  }
}
