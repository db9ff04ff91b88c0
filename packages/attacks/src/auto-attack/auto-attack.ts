import { type Batch, type Classifier, misclassified, type Random, type ThreatModel } from "@awp/core";
import { hasNaN, requireArgument, requireCount, requireThreatModel, stepKey } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { attackPositions } from "./attack-positions";
import { collect, type Examples, imagesAt, labelsAt } from "./examples";
import { answerFlags, classifierFlags, stageFlags } from "./flags";
import { counted } from "./passes";
import type { AutoAttackReport, AutoAttackVersion, ExampleReport, StageName, StageReport } from "./report";
import { stageNames } from "./stage-names";
import { type Stage, stagesOf } from "./stages";
import { type AutoAttackState, openState } from "./state";

export interface AutoAttackOptions extends ThreatModel {
  readonly classifier: Classifier;
  /** Consumed: their images are kept on the host. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** An example draws by its index in the data set, so that results depend neither on batches nor on its companions. */
  readonly random: Random;
  /** @default "standard" */
  readonly version?: AutoAttackVersion;
  /** Fewer stages than the version's, or another order: no longer AutoAttack, and the report says so. */
  readonly stages?: readonly StageName[];
  /** @default 128 */
  readonly batchSize?: number;
  /** Stops between two blocks of iterations, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Of the same evaluation, stopped: what it had done is not done again. */
  readonly state?: AutoAttackState;
}

/** After each batch of each attack. */
export interface AutoAttackEvent {
  readonly kind: "batch";
  readonly stage: StageName;
  readonly attack: string;
  /** How much of the stage is done, from 0 to 1. */
  readonly progress: number;
  /** Examples that are still robust. */
  readonly robust: number;
  /** To the end of the stage, at its pace so far. */
  readonly secondsLeft: number;
  /** Where to go on from; it changes as the evaluation goes on, so encode it now. */
  readonly state: AutoAttackState;
}

/**
 * AutoAttack: several attacks without parameters to tune, each on what the ones before left robust and from the clean
 * image. What an attack finds counts once the classifier errs on it afresh.
 *
 * Yields an event after each batch and returns the report; `drain` of core runs it to the end. What is broken leaves the
 * batch at the next block of iterations, which changes no result.
 *
 * @throws ArgumentError for an option out of range, no example, or a state of another evaluation.
 * @see Croce and Hein 2020, arXiv:2003.01690; for ℓ1 arXiv:2103.01208
 */
export async function* autoAttack(options: AutoAttackOptions): AsyncGenerator<AutoAttackEvent, AutoAttackReport> {
  const { norm, epsilon, bounds, classifier, random, version = "standard", batchSize = 128, signal } = options;
  const threat: ThreatModel = { norm, epsilon, ...(bounds === undefined ? {} : { bounds }) };
  requireThreatModel(threat);
  requireCount("batchSize", batchSize);
  const names = options.stages ?? stageNames(version);
  for (const name of names)
    requireArgument(stageNames(version).includes(name), "stages", name, `of version ${version}`);
  signal?.throwIfAborted();

  const examples = await collect(options.batches, signal);
  const { classes, ...clean } = await classifyAll(classifier, examples, batchSize);
  const { natural } = clean;
  const possible = stagesOf(version, threat, classes);
  const stages = names.flatMap((name) => possible.find((stage) => stage.name === name) ?? []);
  const settings = { version, norm, epsilon, bounds, stages: names, key: [...stepKey(random)] };
  const state = openState(options.state, settings, examples, clean);
  const flags = await flagsAt(classifier, examples, [...natural.keys()].slice(0, batchSize), version);

  for (const [index, stage] of stages.entries()) {
    if (index >= state.cursor.stage) yield* runStage(stage, index);
  }
  return {
    version,
    standard: stages.map(({ name }) => name).join() === stageNames(version).join(),
    norm,
    epsilon,
    classes,
    examples: natural.length,
    cleanAccuracy: share(natural),
    robustAccuracy: share(state.robust),
    stages: state.stages,
    flags: [...flags, ...answerFlags(state.nan), ...stageFlags(state.stages, natural.length)],
    perExample: Array.from(examples.indices, (_, position) => exampleReport(examples, state, position)),
  };

  async function* runStage({ name, attacks, block }: Stage, index: number): AsyncGenerator<AutoAttackEvent, void> {
    const passes = { forward: 0, backward: 0 };
    const attacked = robustPositions(state).length;
    state.stages[index] ??= { name, attacked, broken: 0, robustAccuracy: share(state.robust), seconds: 0, passes };
    for (let a = state.cursor.attack; a < attacks.length; a++) {
      const stageAttack = attacks[a] as Stage["attacks"][number];
      const todo = robustPositions(state).filter((position) => position >= state.cursor.position);
      for (let start = 0; start < todo.length; start += batchSize) {
        const positions = todo.slice(start, start + batchSize);
        const began = performance.now();
        const counter = counted(classifier);
        const found = await attackPositions({
          stageAttack,
          block,
          classifier: counter.classifier,
          threat,
          examples,
          positions,
          random: random.fold(index).fold(a),
          signal,
        });
        for (const { position, ...rest } of found) {
          state.robust[position] = 0;
          if (rest.nan) state.nan[position] = 1;
          state.found.set(position, { stage: name, ...rest });
        }
        const seconds = (performance.now() - began) / 1000;
        state.stages[index] = grown(state.stages[index] as StageReport, found.length, seconds, counter.passes(), state);
        state.cursor = { stage: index, attack: a, position: (positions.at(-1) as number) + 1 };
        const progress = (a + (start + positions.length) / todo.length) / attacks.length;
        const secondsLeft = (state.stages[index].seconds * (1 - progress)) / progress;
        yield {
          kind: "batch",
          stage: name,
          attack: stageAttack.label,
          progress,
          robust: robustPositions(state).length,
          secondsLeft,
          state,
        };
      }
      state.cursor = { stage: index, attack: a + 1, position: 0 };
    }
    state.cursor = { stage: index + 1, attack: 0, position: 0 };
  }
}

function grown(
  stage: StageReport,
  broken: number,
  seconds: number,
  { forward, backward }: StageReport["passes"],
  { robust }: AutoAttackState,
): StageReport {
  return {
    ...stage,
    broken: stage.broken + broken,
    robustAccuracy: share(robust),
    seconds: stage.seconds + seconds,
    passes: { forward: stage.passes.forward + forward, backward: stage.passes.backward + backward },
  };
}

function exampleReport({ indices, labels }: Examples, state: AutoAttackState, position: number): ExampleReport {
  const found = state.found.get(position);
  return {
    index: indices[position] as number,
    label: labels[position] as number,
    natural: state.natural[position] === 1,
    robust: state.robust[position] === 1,
    nan: state.nan[position] === 1,
    ...(found === undefined
      ? {}
      : {
          brokenBy: {
            stage: found.stage,
            attack: found.attack,
            iteration: found.iteration,
            distance: found.distance,
          },
        }),
  };
}

function robustPositions({ robust }: AutoAttackState): number[] {
  return [...robust.keys()].filter((position) => robust[position] === 1);
}

function share(flags: Int32Array): number {
  return flags.reduce((sum, value) => sum + value, 0) / flags.length;
}

/** Where clean images are classified correctly, or answered with NaN, 1 or 0 each, and the number of classes. */
async function classifyAll(
  classifier: Classifier,
  examples: Examples,
  batchSize: number,
): Promise<Pick<AutoAttackState, "natural" | "nan"> & { readonly classes: number }> {
  const count = examples.indices.length;
  const [natural, nan] = [new Int32Array(count), new Int32Array(count)];
  let classes = 0;
  for (let start = 0; start < natural.length; start += batchSize) {
    const positions = [...natural.keys()].slice(start, start + batchSize);
    const judged = tf.tidy(() => {
      const logits = classifier(imagesAt(examples, positions));
      classes = logits.shape[1];
      const right = tf.sub(tf.scalar(1, "int32"), misclassified(logits, labelsAt(examples, positions)));
      return tf.stack([right, tf.cast(hasNaN(logits), "int32")]);
    });
    const values = (await judged.data()) as Int32Array;
    judged.dispose();
    natural.set(values.subarray(0, positions.length), start);
    nan.set(values.subarray(positions.length), start);
  }
  return { natural, nan, classes };
}

async function flagsAt(
  classifier: Classifier,
  examples: Examples,
  positions: readonly number[],
  version: AutoAttackVersion,
): ReturnType<typeof classifierFlags> {
  const [images, labels] = [imagesAt(examples, positions), labelsAt(examples, positions)];
  try {
    return await classifierFlags(classifier, images, labels, { expectRandom: version === "rand" });
  } finally {
    tf.dispose([images, labels]);
  }
}
