import { pgd } from "@awp/attacks";
import { type Batch, type Images, type Labels, type Network, type Random, random, uniform } from "@awp/core";
import { adversarialTraining, sgd, trainStep } from "@awp/defenses";
import { disposeNetwork, preActResNet18, smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";

/** A network and a batch whose training step is timed. */
export interface StepCase {
  readonly title: string;
  readonly build: (random: Random) => Network;
  readonly size: number;
  readonly batch: number;
  /** Minutes a step in plain JavaScript. */
  readonly slow: boolean;
}

export const cases: readonly StepCase[] = [
  { title: "small CNN", build: (r) => smallCnn({ classes: 10, random: r }), size: 16, batch: 64, slow: false },
  {
    title: "PreActResNet-18",
    build: (r) => preActResNet18({ classes: 10, random: r }),
    size: 32,
    batch: 4,
    slow: true,
  },
];

/** Milliseconds of a step with PGD-10, and what AWP adds, relative: medians over pairs of steps taken in turn. */
export async function timeSteps(
  { build, size, batch: batchSize }: StepCase,
  repeats: number,
): Promise<{ readonly at: number; readonly atAwp: number; readonly costs: number }> {
  const network = build(random(0));
  const batch: Batch = {
    images: uniform(random(1), [batchSize, size, size, 3]) as Images,
    labels: tf.tensor1d(
      Array.from({ length: batchSize }, (_, i) => i % 10),
      "int32",
    ) as Labels,
    indices: Int32Array.from({ length: batchSize }, (_, i) => i),
  };
  const defense = adversarialTraining({
    attack: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 10 }),
  });
  const optimizer = sgd({ momentum: 0.9, weightDecay: 5e-4 });
  const step = trainStep({ network, defense, optimizer, weightAttack: awp({ gamma: 0.01 }) });

  async function time(weightAttackActive: boolean, seed: number): Promise<number> {
    const started = performance.now();
    const { loss } = step(batch, random(seed), { learningRate: 0.01, weightAttackActive });
    await loss.data(); // waits for the device
    loss.dispose();
    return performance.now() - started;
  }

  await time(true, 0); // compiles and fills caches
  const pairs: { at: number; atAwp: number }[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    pairs.push({ at: await time(false, repeat), atAwp: await time(true, repeat) });
  }
  tf.dispose([batch.images, batch.labels]);
  optimizer.dispose();
  disposeNetwork(network);
  return {
    at: median(pairs.map(({ at }) => at)),
    atAwp: median(pairs.map(({ atAwp }) => atAwp)),
    costs: median(pairs.map(({ at, atAwp }) => atAwp / at)) - 1,
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}
