import { evaluate } from "@awp/attacks";
import { type Attack, drain, random } from "@awp/core";
import { batches } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";
import { percent } from "../terminal/table";
import { attackNamed } from "./named-attack";
import type { Found, Trial, Watch } from "./trial";

/** No room to move. */
const stayPut: Attack = (_classifier, x) => tf.clone(x);

/** An attack at one radius. */
export async function runPlain(
  trial: Trial,
  epsilon: number,
  { task, signal, ranks: { group } }: Watch,
): Promise<Found> {
  const { attack: name, norm, batchSize, seed, classifier, images } = trial;
  const attack = epsilon === 0 ? stayPut : attackNamed(name).make({ norm, epsilon });
  const examples = { batches: batches(images, { batchSize }), random: random(seed) };
  const events = evaluate({ classifier, attack, ...examples, ...(signal && { signal }), ...(group && { group }) });
  const { naturalAccuracy, robustAccuracy, perExample } = await drain(events, ({ examples: done, robust }) =>
    task.update(done / images.indices.length, `${robust} of ${done} robust`),
  );
  task.note(`${percent(robustAccuracy)} robust`);
  return { naturalAccuracy, robustAccuracy, perExample };
}
