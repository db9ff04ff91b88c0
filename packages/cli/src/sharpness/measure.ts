import { type Batch, drain, type Images, type Network, random } from "@awp/core";
import { batches, type Dataset } from "@awp/data";
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

/** Measures what the options ask for; the attack runs once, at the start. */
export async function measure(
  network: Network,
  { images, attack }: { readonly images: Dataset; readonly attack: AttackSettings | null },
  options: SharpnessCommandOptions,
  task: Task,
): Promise<Sharpness> {
  const held: Batch[] = [];
  try {
    for (const batch of batches(images, { batchSize: options.batchSize })) {
      held.push(attack === null ? batch : attacked(network, batch, attack, options.seed));
      task.update(0, `attack: ${held.length} batches`);
      await breathe();
    }
    const shared: SharpnessOptions = {
      network,
      batches: () =>
        held.map(({ images, labels, indices }) => ({ images: tf.clone(images), labels: tf.clone(labels), indices })),
      random: random(options.seed),
    };
    return await measureOn(shared, options, task);
  } finally {
    for (const { images, labels } of held) tf.dispose([images, labels]);
  }
}

function attacked(network: Network, batch: Batch, attack: AttackSettings, seed: number): Batch {
  const classifier = (x: Images) => network.forward(x, "eval");
  const draw = random(seed).fold(1).forRows(batch.indices);
  const images = tf.tidy(() => attackOf(attack)(classifier, batch.images, batch.labels, draw));
  batch.images.dispose();
  return { ...batch, images };
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
