import {
  autoAttack,
  type AutoAttackEvent,
  type AutoAttackReport,
  type AutoAttackVersion,
  evaluate,
} from "@awp/attacks";
import { type Attack, type Classifier, type Norm, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
import * as tf from "@tensorflow/tfjs-core";
import type { Task } from "../terminal/progress";
import { breathe } from "../terminal/signals";
import { percent } from "../terminal/table";
import { attackNamed, autoAttackVersion } from "./named-attack";
import type { AttackRun } from "./report";
import { readState, writeState } from "./state-file";

/** One attack at one radius on some images. */
export interface AttackSettings {
  readonly attack: string;
  readonly norm: Norm;
  readonly epsilon: number;
  readonly batchSize: number;
  readonly seed: number;
  /** Where AutoAttack's progress is kept, and taken up. */
  readonly state: string | undefined;
}

/** Runs an attack; the signal ends it between two batches, with the signal's reason. */
export async function runAttack(
  settings: AttackSettings,
  classifier: Classifier,
  images: Dataset,
  task: Task,
  signal?: AbortSignal,
): Promise<AttackRun> {
  const version = settings.epsilon === 0 ? undefined : autoAttackVersion(settings.attack);
  const started = performance.now();
  const { perExample, ...found } =
    version === undefined
      ? await plain(settings, classifier, images, task, signal)
      : await automatic(version, settings, classifier, images, task, signal);
  const { attack, norm, epsilon } = settings;
  const seconds = (performance.now() - started) / 1000;
  return { attack, norm, epsilon, examples: perExample.length, ...found, seconds, perExample };
}

type Found = Pick<AttackRun, "naturalAccuracy" | "robustAccuracy" | "autoAttack" | "perExample">;

/** No room to move. */
const stayPut: Attack = (_classifier, x) => tf.clone(x);

async function plain(
  { attack: name, norm, epsilon, batchSize, seed }: AttackSettings,
  classifier: Classifier,
  images: Dataset,
  task: Task,
  signal?: AbortSignal,
): Promise<Found> {
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

async function automatic(
  version: AutoAttackVersion,
  { norm, epsilon, batchSize, seed, state: file }: AttackSettings,
  classifier: Classifier,
  images: Dataset,
  task: Task,
  signal?: AbortSignal,
): Promise<Found> {
  const state = file === undefined ? undefined : await readState(file);
  const running = autoAttack({
    ...{ version, norm, epsilon, batchSize, classifier },
    batches: batches(images, { batchSize }),
    random: random(seed),
    ...(state === undefined ? {} : { state }),
  });
  let last: AutoAttackEvent | undefined;
  for (;;) {
    const { done, value } = await running.next();
    if (last !== undefined && (done === true || roundOf(value) !== roundOf(last))) task.note(wordsOf(last));
    if (done === true) return foundBy(value);
    last = value;
    if (file !== undefined) await writeState(file, value.state);
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
