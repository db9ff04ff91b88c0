import { type Network, type Random, random } from "@awp/core";
import { disposeNetwork, preActResNet18, smallCnn } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { atAwpStep, noiseBatch } from "./at-awp-step";
import { median } from "./median";

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
  const batch = noiseBatch(batchSize, size);
  const step = atAwpStep(network, false);

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
  step.dispose();
  disposeNetwork(network);
  return {
    at: median(pairs.map(({ at }) => at)),
    atAwp: median(pairs.map(({ atAwp }) => atAwp)),
    costs: median(pairs.map(({ at, atAwp }) => atAwp / at)) - 1,
  };
}
