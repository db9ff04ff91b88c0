import type { Batch, Classifier, ProcessGroup, Random, ThreatModel } from "@awp/core";
import { inShares, requireArgument, requireCount, requireThreatModel, stepKey } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { attackPositions } from "./attack-positions";
import { classifyAll } from "./classify";
import { collect, describe, type Examples, imagesAt, inBatches, labelsAt } from "./examples";
import type { Found } from "./finding";
import { answerFlags, classifierFlags, stageFlags } from "./flags";
import { counted } from "./passes";
import { afterBatch, opened, positionsOf, robustPositions, type Round, roundsFrom, share } from "./progress";
import type { AutoAttackReport, BrokenBy, ExampleReport, Flag, StageReport } from "./report";
import { type AutoAttackVersion, type StageName, stageNames } from "./stage-names";
import { stagesOf } from "./stages";
import { type AutoAttackState, openState } from "./state";

export interface AutoAttackOptions extends ThreatModel {
  readonly classifier: Classifier;
  /** The examples. Consumed: their images are kept on the host. */
  readonly batches: Iterable<Batch> | AsyncIterable<Batch>;
  /** An example draws by its index in the data set, so that results depend neither on batches nor on its companions. */
  readonly random: Random;
  /** @default "standard" */
  readonly version?: AutoAttackVersion;
  /** Fewer stages than the version's, or another order: no longer AutoAttack, and the report says so. */
  readonly stages?: readonly StageName[];
  /** @default 128 */
  readonly batchSize?: number;
  /**
   * Processes that share the batches of each attack, batch b being done by rank b mod size. Each is given the same options,
   * `state` too, and has the events, states and report of one process, to the bit where the devices compute alike; a state
   * may come from another number of ranks. `signal` then changes on all ranks alike, when the group gathers: after a batch
   * a rank. @default none: this process alone
   */
  readonly group?: ProcessGroup;
  /** Stops between two blocks of iterations, with the signal's reason. */
  readonly signal?: AbortSignal;
  /** The last state of the same evaluation, stopped: what it had done is not done again. */
  readonly state?: AutoAttackState;
}

/** What is told after each batch of each attack. */
export interface AutoAttackEvent {
  readonly kind: "batch";
  readonly stage: StageName;
  readonly attack: string;
  /** The part of the stage that is done, from 0 to 1. */
  readonly progress: number;
  /** Examples that are still robust. */
  readonly robust: number;
  /** Seconds to the end of the stage, at its pace so far. */
  readonly secondsLeft: number;
  /** Where to go on from: a value, which later events leave as it is. */
  readonly state: AutoAttackState;
}

/**
 * AutoAttack: several attacks without parameters to tune, each on what the ones before left robust and from the clean
 * image. What an attack finds counts once the classifier errs on it afresh; an answer that is NaN is an error.
 *
 * Yields an event after each batch and returns the report; `drain` of core runs it to the end. What is broken leaves the
 * batch at the next block of iterations, which changes no result.
 *
 * @example
 * const test = batches(testSet, { batchSize: 128 });
 * const report = await drain(
 *   autoAttack({ norm: "linf", epsilon: 8 / 255, classifier, batches: test, random: random(0) }),
 * );
 * console.log(report.robustAccuracy, report.flags);
 * @throws ArgumentError for an option out of range, no example, or a state of another evaluation.
 * @see Croce and Hein 2020, arXiv:2003.01690; for ℓ1 arXiv:2103.01208
 */
export async function* autoAttack(options: AutoAttackOptions): AsyncGenerator<AutoAttackEvent, AutoAttackReport> {
  const { norm, epsilon, bounds, classifier, random, version = "standard", batchSize = 128 } = options;
  const { group, signal } = options;
  const threat: ThreatModel = { norm, epsilon, ...(bounds === undefined ? {} : { bounds }) };
  requireThreatModel(threat);
  requireCount("batchSize", batchSize);
  const names = options.stages ?? stageNames(version);
  for (const name of names)
    requireArgument(stageNames(version).includes(name), "stages", name, `of version ${version}`);
  signal?.throwIfAborted();

  const examples = await collect(options.batches, signal);
  const clean = await classifyAll({ classifier, examples, batchSize, group, signal });
  const possible = stagesOf(version, threat, clean.classes);
  const stages = names.flatMap((name) => possible.find((stage) => stage.name === name) ?? []);
  const settings = { version, norm, epsilon, bounds, stages: names, key: [...stepKey(random)] };
  let state = openState(options.state, settings, examples, clean);
  let flags: readonly Flag[] = [];
  const first = inBatches([...examples.indices.keys()], batchSize).slice(0, 1);
  const checks = (positions: readonly number[]) => flagsAt(positions, classifier, examples, version);
  for await (const { outcome } of inShares({ group, units: first, work: checks, signal, what: "flags" }))
    flags = outcome;

  for (const round of roundsFrom(stages, state.cursor)) {
    state = opened(state, round);
    const todo = positionsOf(state, round);
    const { stage, attack, stageAttack, of } = round;
    const draws = random.fold(stage).fold(attack);
    const work = async (positions: readonly number[]) => {
      const counter = counted(classifier);
      const run = { stage: of, stageAttack, threat, examples, positions, random: draws, signal };
      const found = await attackPositions({ ...run, classifier: counter.classifier });
      return { positions, found, passes: counter.passes() };
    };
    const label = (positions: readonly number[]) =>
      `${of.name}, ${stageAttack.label}: ${describe(examples, positions)}`;
    const units = inBatches(todo, batchSize);
    let done = 0;
    for await (const { outcome, seconds } of inShares({ group, units, work, label, signal, what: "AutoAttack" })) {
      state = afterBatch(state, round, { ...outcome, seconds });
      done += outcome.positions.length;
      yield eventOf(state, round, done / todo.length);
    }
  }
  return {
    version,
    standard: stages.map(({ name }) => name).join() === stageNames(version).join(),
    norm,
    epsilon,
    classes: clean.classes,
    examples: state.natural.length,
    naturalAccuracy: share(state.natural),
    robustAccuracy: share(state.robust),
    stages: state.stages,
    flags: [...flags, ...answerFlags(state.nan), ...stageFlags(state.stages, state.natural.length)],
    perExample: exampleReports(examples, state),
  };
}

/** The event after a batch; `part` is how much of the round is done, from 0 to 1. */
function eventOf(state: AutoAttackState, { stage, attack, stageAttack, of }: Round, part: number): AutoAttackEvent {
  const progress = (attack + part) / of.attacks.length;
  const { seconds } = state.stages[stage] as StageReport;
  return {
    kind: "batch",
    stage: of.name,
    attack: stageAttack.label,
    progress,
    robust: robustPositions(state).length,
    secondsLeft: (seconds * (1 - progress)) / progress,
    state,
  };
}

function exampleReports({ indices, labels }: Examples, state: AutoAttackState): ExampleReport[] {
  return Array.from(indices, (index, position) => {
    const found = state.found.get(position);
    return {
      index,
      label: labels[position] as number,
      natural: state.natural[position] === 1,
      robust: state.robust[position] === 1,
      nan: state.nan[position] === 1,
      ...(found === undefined ? {} : { brokenBy: brokenBy(found) }),
    };
  });
}

function brokenBy({ stage, attack, iteration, distance }: Found): BrokenBy {
  return { stage, attack, iteration, distance };
}

/** Checks the classifier on the examples at the positions. */
async function flagsAt(
  positions: readonly number[],
  classifier: Classifier,
  examples: Examples,
  version: AutoAttackVersion,
): Promise<Flag[]> {
  const [images, labels] = [imagesAt(examples, positions), labelsAt(examples, positions)];
  try {
    return await classifierFlags(classifier, images, labels, { expectRandom: version === "rand" });
  } finally {
    tf.dispose([images, labels]);
  }
}
