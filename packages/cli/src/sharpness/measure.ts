import { type Batch, drain, type Images, type Network, type ProcessGroup, random } from "@awp/core";
import { inShares } from "@awp/core/authoring";
import { batches, type Dataset, disposeBatch } from "@awp/data";
import {
  type AverageSharpness,
  averageSharpness,
  type HessianEigenvalues,
  hessianEigenvalues,
  type HessianTrace,
  hessianTrace,
  type SharpnessOptions,
  type WorstCaseSharpness,
  worstCaseSharpness,
} from "@awp/landscape";
import * as tf from "@tensorflow/tfjs-core";
import { attackOf, type AttackSettings } from "../landscape/attack";
import { breathe } from "../terminal/signals";
import type { Task } from "../terminal/progress";
import type { SharpnessCommandOptions } from "./options";

/** How sharp the loss of one network is. */
export interface Sharpness {
  readonly images: number;
  /** The mean loss at w. */
  readonly loss: number;
  readonly worst: readonly ({ readonly gamma: number; readonly steps: number } & WorstCaseSharpness)[];
  readonly average: readonly ({ readonly gamma: number } & AverageSharpness)[];
  readonly hessian: HessianEigenvalues | null;
  readonly trace: HessianTrace | null;
}

/** Who measures, and who is told. */
interface Attendance {
  readonly task: Task;
  /** The processes that share the batches; none is this one alone. */
  readonly group: ProcessGroup | undefined;
}

/** Measures what the options ask for; the attack runs once, at the start. */
export async function measure(
  network: Network,
  { images, attack }: { readonly images: Dataset; readonly attack: AttackSettings | null },
  options: SharpnessCommandOptions,
  { task, group }: Attendance,
): Promise<Sharpness> {
  const held: Batch[] = [];
  try {
    held.push(...batches(images, { batchSize: options.batchSize }));
    if (attack !== null) await attackAll(network, held, attack, options.seed, { task, group });
    const shared: SharpnessOptions = {
      network,
      batches: () =>
        held.map(({ images, labels, indices }) => ({ images: tf.clone(images), labels: tf.clone(labels), indices })),
      random: random(options.seed),
      ...(group && { group }),
    };
    return await measureOn(shared, options, task);
  } finally {
    for (const each of held) disposeBatch(each);
  }
}

/** Puts adversarial images in the place of each batch's, all of them on every rank, which attacks its share. */
async function attackAll(
  network: Network,
  held: Batch[],
  attack: AttackSettings,
  seed: number,
  { task, group }: Attendance,
): Promise<void> {
  const classifier = (x: Images) => network.forward(x, "eval");
  const work = async ({ images, labels, indices }: Batch) => {
    const draw = random(seed).fold(1).forRows(indices);
    const found = tf.tidy(() => attackOf(attack)(classifier, images, labels, draw));
    try {
      return await found.data<"float32">();
    } finally {
      found.dispose();
    }
  };
  let done = 0;
  for await (const { outcome } of inShares({ group, units: [...held], work, signal: undefined, what: "attack" })) {
    const clean = held[done] as Batch;
    held[done] = { ...clean, images: tf.tensor4d(outcome, clean.images.shape) };
    clean.images.dispose();
    done += 1;
    task.update(0, `attack: ${done} batches`);
    await breathe();
  }
}

async function measureOn(shared: SharpnessOptions, options: SharpnessCommandOptions, task: Task): Promise<Sharpness> {
  const { gamma: radii, steps, samples, eigenvalues: count, trace: vectors } = options;
  const stages = radii.length * (samples > 0 ? 2 : 1) + Number(count > 0) + Number(vectors > 0);
  let done = 0;
  const stage = async <Event, Result>(name: string, work: AsyncGenerator<Event, Result>): Promise<Result> => {
    let events = 0;
    task.update(done / stages, name);
    const result = await drain(work, () => task.update(done / stages, `${name}, ${(events += 1)}`));
    done += 1;
    return result;
  };

  const worst: Sharpness["worst"][number][] = [];
  const average: Sharpness["average"][number][] = [];
  for (const gamma of radii) {
    const found = await stage(`worst at ${gamma}`, worstCaseSharpness({ ...shared, gamma, steps }));
    worst.push({ gamma, steps, ...found });
    if (samples === 0) continue;
    average.push({ gamma, ...(await stage(`average at ${gamma}`, averageSharpness({ ...shared, gamma, samples }))) });
  }
  const hessian = count > 0 ? await stage("eigenvalues", hessianEigenvalues({ ...shared, count })) : null;
  const trace = vectors > 0 ? await stage("trace", hessianTrace({ ...shared, samples: vectors })) : null;
  const { images, loss } = worst[0] as Sharpness["worst"][number];
  return { images, loss, worst, average, hessian, trace };
}
