import { type Batch, drain, type Defense, type Network, random } from "@awp/core";
import { stream } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import {
  adam,
  adamW,
  type Clip,
  compiledTrainStep,
  decaysKernels,
  type Optimizer,
  type Schedule,
  schedules,
  sgd,
  train,
  trainStep,
} from "../../src/index";

/* What PyTorch made of the same weights and gradients: goldens/pytorch/optimizers.py, which says how they are drawn. */

interface Figures {
  readonly cases: readonly { readonly name: string; readonly weights: Readonly<Record<string, readonly number[]>> }[];
  readonly schedules: Readonly<
    Record<string, { readonly rates: readonly number[]; readonly momenta: readonly number[] }>
  >;
}

interface Case {
  readonly optimizer: () => Optimizer;
  readonly clip?: Clip;
  readonly cycled?: boolean;
}

const figures = JSON.parse(readFileSync(new URL("pytorch.json", import.meta.url), "utf8")) as Figures;
const steps = 20;
const rate = 0.05;
const plan = { epochs: 5, stepsPerEpoch: 4 };
const rates = schedules.oneCycle({ ...plan, learningRate: rate });
const momenta = schedules.oneCycleMomentum(plan);

const cases: Readonly<Record<string, Case>> = {
  sgd: { optimizer: () => sgd() },
  "sgd, momentum": { optimizer: () => sgd({ momentum: 0.9 }) },
  "sgd, nesterov and decay": { optimizer: () => sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }) },
  "sgd, decay of kernels": {
    optimizer: () => sgd({ momentum: 0.9, weightDecay: 0.1, decays: decaysKernels }),
  },
  "sgd, clipped by norm, and decay": {
    optimizer: () => sgd({ momentum: 0.9, weightDecay: 0.1 }),
    clip: { norm: 1.5 },
  },
  "sgd, clipped by value": { optimizer: () => sgd(), clip: { value: 0.5 } },
  "sgd, one cycle of rate and momentum": {
    optimizer: () => sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.1 }),
    cycled: true,
  },
  adam: { optimizer: () => adam() },
  "adam, decay in the gradient": {
    optimizer: () => adam({ betas: [0.8, 0.95], epsilon: 1e-3, weightDecay: 0.1 }),
  },
  "adam, one cycle of rate and momentum": { optimizer: () => adam(), cycled: true },
  adamW: { optimizer: () => adamW() },
  "adamW, decay of kernels, clipped by norm": {
    optimizer: () => adamW({ weightDecay: 0.5, decays: decaysKernels }),
    clip: { norm: 1.5 },
  },
};

const shapes = { "conv.weight": [2, 3], "batchnorm.weight": [3], "fc.bias": [2] };
const used: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

/** Eleven numbers from -1 to 1. */
const numbers = (seed: number): number[] => Array.from(stream(seed, 11), (u) => 2 * u - 1);

/** A network whose loss is the inner product of its weights and the image: its gradient is what the image holds. */
function linearProblem(): { readonly network: Network; readonly defense: Defense } {
  const initial = numbers(1);
  let start = 0;
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b);
      const values = initial.slice(start, (start += size));
      return [name, tf.tidy(() => tf.variable(tf.tensor(values, shape)))];
    }),
  );
  const weights = [...parameters.values()];
  used.push({ dispose: () => tf.dispose(weights) });
  const flat = () => tf.concat(weights.map((weight) => tf.reshape(weight, [-1])));
  return {
    network: { parameters, buffers: new Map(), forward: (x) => tf.reshape(x, [1, 11]) as tf.Tensor2D },
    defense: {
      attack: (_network, { images }) => tf.clone(images),
      loss: (_network, _batch, x) => tf.tidy(() => tf.reshape(tf.sum(tf.mul(tf.reshape(x, [-1]), flat())), [1])),
    },
  };
}

function* batches(from: number, to: number): Generator<Batch> {
  for (let step = from; step < to; step++) {
    const scale = step % 4 === 3 ? 3 : 1;
    const images = tf.tensor4d(
      numbers(2 + step).map((each) => scale * each),
      [1, 1, 1, 11],
    );
    yield { images, labels: tf.tensor1d([0], "int32"), indices: Int32Array.of(step) };
  }
}

const valuesOf = ({ parameters }: Network): number[] =>
  [...parameters.values()].flatMap((weight) => [...weight.dataSync()]);

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number, what: string): void {
  expect(actual).toHaveLength(expected.length);
  const deviation = Math.max(...actual.map((value, i) => Math.abs(value - (expected[i] as number))));
  expect(deviation, what).toBeLessThan(tolerance);
}

const table = figures.cases.map(({ name, weights }) => [name, weights] as const);
const makers = { trainStep, compiledTrainStep };

test.each(table)("%s: the weights are PyTorch's after each of twenty steps", (name, weights) => {
  const { optimizer: make, clip, cycled = false } = cases[name] as Case;
  for (const [kind, makeStep] of Object.entries(makers)) {
    const optimizer = make();
    const { network, defense } = linearProblem();
    used.push(optimizer);
    const step = makeStep({ network, defense, optimizer, ...(clip && { clip }) });
    for (const [index, batch] of [...batches(0, steps)].entries()) {
      const t = (index + 1) / plan.stepsPerEpoch;
      const settings = cycled ? { learningRate: rates(t), momentum: momenta(t) } : { learningRate: rate };
      step(batch, random(0), settings);
      const wanted = weights[index + 1];
      if (wanted) expectClose(valuesOf(network), wanted, 1e-6, `${kind}, step ${index + 1}`);
    }
  }
});

test("train gives each step the rate and the momentum of its schedules", async () => {
  const { network, defense } = linearProblem();
  const optimizer = sgd({ momentum: 0.5, nesterov: true, weightDecay: 0.1 });
  used.push(optimizer);
  const { epochs, stepsPerEpoch } = plan;
  const training = train({
    network,
    defense,
    optimizer,
    schedule: rates,
    momentumSchedule: momenta,
    epochs,
    stepsPerEpoch,
    batches: (epoch) => batches(epoch * stepsPerEpoch, (epoch + 1) * stepsPerEpoch),
    random: random(0),
  });
  await drain(training);
  const [, weights] = table.find(([name]) => name === "sgd, one cycle of rate and momentum")!;
  expectClose(valuesOf(network), weights[steps]!, 1e-6, "after the training");
});

const cosine = schedules.perEpoch(schedules.cosine({ learningRate: 0.2, epochs: 10 }));
const dmat = { epochs: 80, stepsPerEpoch: 1, pctStart: 0.025 };

test.each<[string, Schedule, Schedule | undefined, number]>([
  ["oneCycle", schedules.oneCycle({ ...plan, learningRate: 0.2 }), momenta, plan.stepsPerEpoch],
  // Moved once an epoch, of seven steps here.
  ["oneCycleOfDmat", schedules.oneCycle({ ...dmat, learningRate: 0.2 }), schedules.oneCycleMomentum(dmat), 1],
  ["cosinePerEpoch", cosine, undefined, 1],
])("%s is PyTorch's at every step", (name, schedule, momentum, stepsPerEpoch) => {
  const wanted = figures.schedules[name]!;
  const within = stepsPerEpoch === 1 ? [1 / 7, 3 / 7, 1] : [1];
  for (const part of within) {
    const at = (of: Schedule): number[] => wanted.rates.map((_, step) => of((step + part) / stepsPerEpoch));
    expectClose(at(schedule), wanted.rates, 1e-9, `rates, ${part} of the step`);
    if (momentum) expectClose(at(momentum), wanted.momenta, 1e-8, `momenta, ${part} of the step`);
  }
});
