import { autoAttack, type AutoAttackEvent, type AutoAttackReport, type AutoAttackVersion } from "@awp/attacks";
import { random } from "@awp/core";
import { batches } from "@awp/data";
import { breathe } from "../terminal/signals";
import { readState, writeState } from "./state-file";
import type { Found, Trial, Watch } from "./trial";

/** AutoAttack at one radius; its state is kept in the file, if one is given, and taken up from there. */
export async function runAutoAttack(
  version: AutoAttackVersion,
  trial: Trial,
  epsilon: number,
  file: string | undefined,
  { task, signal, ranks }: Watch,
): Promise<Found> {
  const { norm, batchSize, seed, classifier, images } = trial;
  const state = file === undefined ? undefined : await ranks.first("state", () => readState(file));
  const running = autoAttack({
    ...{ version, norm, epsilon, batchSize, classifier },
    batches: batches(images, { batchSize }),
    random: random(seed),
    ...(state && { state }),
    ...(ranks.group && { group: ranks.group }),
  });
  let last: AutoAttackEvent | undefined;
  for (;;) {
    const { done, value } = await running.next();
    if (last !== undefined && (done === true || roundOf(value) !== roundOf(last))) task.note(wordsOf(last));
    if (done === true) return foundBy(value);
    last = value;
    if (file !== undefined && ranks.rank === 0) await writeState(file, value.state);
    task.update(value.progress, wordsOf(value));
    await breathe(signal);
  }
}

function foundBy(report: AutoAttackReport): Found {
  const { naturalAccuracy, robustAccuracy, perExample, version, standard, stages, flags } = report;
  return { naturalAccuracy, robustAccuracy, autoAttack: { version, standard, stages, flags }, perExample };
}

const roundOf = ({ stage, attack }: AutoAttackEvent): string => `${stage}, ${attack}`;

function wordsOf(event: AutoAttackEvent): string {
  return `${roundOf(event)}: ${event.robust} robust, ${event.secondsLeft.toFixed(0)} s to the end of ${event.stage}`;
}
