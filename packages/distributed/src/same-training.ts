import { AwpError, type Parameters, type ProcessGroup } from "@awp/core";
import type { TrainOptions } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";

/** Throws an `AwpError` that names the rank and what differs, on all ranks, unless all run the same training as rank 0. */
export async function requireSameTraining(group: ProcessGroup, options: TrainOptions, modes: object): Promise<void> {
  const [first, ...others] = await group.allGather({ ...described(options), ...modes }, "settings");
  for (const [index, other] of others.entries()) {
    const found = differences(first, other);
    const more = found.length > 5 ? `; and ${found.length - 5} more` : "";
    if (found.length === 0) continue;
    throw new AwpError(`rank ${index + 1} has another training than rank 0: ${found.slice(0, 5).join("; ")}${more}`);
  }
}

/** Everything in which the ranks must be alike that can be written down. */
function described(options: TrainOptions): object {
  const { network, optimizer, average, random, schedule, momentumSchedule, epochs, stepsPerEpoch } = options;
  const atEachEpoch = (value: (t: number) => number) => Array.from({ length: epochs }, (_, epoch) => value(epoch + 1));
  const given = (names: readonly (keyof TrainOptions)[]) =>
    Object.fromEntries(names.map((name) => [name, options[name] !== undefined]));
  const { warmupEpochs, microBatches, decayAt, clip, compile, reportEvery, checkpointEvery, resume } = options;
  const { selection, patience, chance, rollback, overfitting, evaluated, settings } = options;
  return {
    backend: tf.getBackend(),
    parameters: shapesOf(network.parameters),
    buffers: shapesOf(network.buffers),
    optimizer: optimizer.settings,
    average: average?.settings,
    random: { key: "dtype" in random.key ? "a tensor" : Array.from(random.key), stream: random.stream },
    epochs,
    stepsPerEpoch,
    schedule: atEachEpoch(schedule),
    momentumSchedule: momentumSchedule && atEachEpoch(momentumSchedule),
    ...{ warmupEpochs, microBatches, decayAt, clip, compile, reportEvery, checkpointEvery, resume },
    ...{ selection, patience, chance, rollback, overfitting, evaluated, settings },
    given: given(["weightAttack", "curriculum", "step", "evaluate", "store"]),
  };
}

function shapesOf(weights: Parameters): Readonly<Record<string, string>> {
  return Object.fromEntries([...weights].map(([name, { shape }]) => [name, `[${shape}]`]));
}

function differences(first: unknown, other: unknown, path: readonly string[] = []): readonly string[] {
  if (isRecord(first) && isRecord(other)) {
    const names = new Set([...Object.keys(first), ...Object.keys(other)]);
    return [...names].flatMap((name) => differences(first[name], other[name], [...path, name]));
  }
  const [theirs, own] = [first, other].map((value) => (value === undefined ? "absent" : JSON.stringify(value)));
  return theirs === own ? [] : [`${path.join(".")} is ${own}, not ${theirs}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
