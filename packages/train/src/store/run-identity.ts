import { AwpError, type Network, type Parameters, type Random, type RandomKey } from "@awp/core";
import type { Evaluated, WeightAverage } from "../average/weight-average";
import type { Optimizer } from "../optimizer/optimizer";
import type { Settings } from "../optimizer/settings";
import { type Clip, clipSettings } from "../step/clip";
import type { DecayAt } from "../step/step-options";

type Shapes = Readonly<Record<string, readonly number[]>>;

/** What must be the same when a training is resumed. */
export interface RunIdentity {
  readonly random: { readonly key: readonly number[]; readonly stream: readonly number[] };
  readonly stepsPerEpoch: number;
  /** Hyper-parameters that the user names. */
  readonly settings: Settings;
  readonly training: Settings;
  /** Settings of the average of the weights, if there is one. */
  readonly average?: Settings;
  /** Shapes by name, in TensorFlow.js layouts. */
  readonly network: Shapes;
  readonly optimizer: Shapes;
}

export interface RunIdentityOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly random: Random;
  readonly stepsPerEpoch: number;
  readonly settings?: Settings;
  readonly decayAt?: DecayAt;
  readonly clip?: Clip;
  readonly warmupEpochs?: number;
  readonly weightAttack?: unknown;
  readonly momentumSchedule?: unknown;
  readonly curriculum?: unknown;
  readonly microBatches?: number;
  readonly step?: unknown;
  readonly average?: WeightAverage;
  readonly evaluated?: Evaluated;
}

export function runIdentity(options: RunIdentityOptions): RunIdentity {
  const { network, optimizer, random, stepsPerEpoch, settings = {} } = options;
  const { decayAt = "perturbed", clip, warmupEpochs = 0, weightAttack, average, evaluated = "average" } = options;
  return {
    random: { key: Array.from(random.key as Exclude<RandomKey, { dtype: unknown }>), stream: random.stream },
    stepsPerEpoch,
    settings,
    training: {
      ...optimizer.settings,
      decayAt,
      warmupEpochs,
      weightAttack: weightAttack !== undefined,
      ...clipSettings(clip),
      ...(options.momentumSchedule !== undefined && { momentumSchedule: true }),
      ...(options.curriculum !== undefined && { curriculum: true }),
      ...partsThatMatter(options),
      ...(options.step !== undefined && { step: "own" }),
    },
    ...(average && { average: { ...average.settings, evaluated } }),
    network: { ...shapesOf(network.parameters), ...shapesOf(network.buffers) },
    optimizer: shapesOf(optimizer.state),
  };
}

/**
 * Micro-batches, where they make another training: on a network with running statistics, which normalises each part by
 * itself. On any other they change the last digits alone, and a run may go on with more of them on a smaller device.
 */
function partsThatMatter({ network, microBatches = 1 }: RunIdentityOptions): Settings {
  return microBatches > 1 && network.buffers.size > 0 ? { microBatches } : {};
}

/** Throws an `AwpError` that names in what the resumed run is another one. */
export function requireSameRun(stored: RunIdentity, given: RunIdentity, source: string): void {
  const found = differences(stored, given);
  const more = found.length > 5 ? `; and ${found.length - 5} more` : "";
  if (found.length > 0) throw new AwpError(`${source} is of another training: ${found.slice(0, 5).join("; ")}${more}`);
}

function shapesOf(weights: Parameters): Shapes {
  return Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape]));
}

function differences(stored: unknown, given: unknown, path: readonly string[] = []): readonly string[] {
  if (isRecord(stored) && isRecord(given)) {
    const names = new Set([...Object.keys(stored), ...Object.keys(given)]);
    return [...names].flatMap((name) => differences(stored[name], given[name], [...path, name]));
  }
  const [before, now] = [stored, given].map((value) => (value === undefined ? "absent" : JSON.stringify(value)));
  return before === now ? [] : [`${path.join(".")} was ${before}, is ${now}`];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
