import { pgd } from "@awp/attacks";
import {
  type Batch,
  compileStep,
  crossEntropy,
  type Defense,
  type Images,
  type Labels,
  mean,
  type Network,
  type Random,
  random,
  useBackend,
} from "@awp/core";
import { batches, disposeBatch, synthetic } from "@awp/data";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { adamW, type Clip, compiledTrainStep, decaysKernels, type Optimizer, sgd, trainStep } from "@awp/train";
import { disposeNetwork, preActResNet, smallCnn } from "@awp/models";
import { asam, awp, randomWeightPerturbation, withPerturbation } from "@awp/perturb";
import type { Scalar } from "@tensorflow/tfjs-core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

// torch alone records steps: without it there is nothing to compare.
let obstacle: string | undefined;
beforeAll(async () => {
  await useBackend("torch").catch((error: Error) => {
    obstacle = error.message.split("\n")[0];
  });
});
beforeEach((context) => {
  if (obstacle !== undefined) context.skip(obstacle);
});
afterAll(() => tf.setBackend("cpu"));

const batchSize = 6;
const dataset = synthetic({ count: 7 * batchSize, classes: 4, size: 8, random: random(3) });

const cnn = (r: Random): Network => smallCnn({ classes: 4, random: r, widths: [4, 8] });
const resNet = (r: Random): Network => preActResNet({ blocks: [1, 1, 1, 1], width: 4, classes: 4, random: r });
const at = (attackMode: "train" | "eval"): Defense =>
  adversarialTraining({
    attack: pgd({ norm: "linf", epsilon: 8 / 255, steps: 3 }),
    attackMode,
    auxiliaryForwards: true,
  });

interface Training {
  readonly build: (random: Random) => Network;
  readonly defense: Defense;
  readonly weightAttack: ReturnType<typeof awp>;
  /** Whether the weight attack acts in a step. */
  readonly attacks: (step: number) => boolean;
  readonly microBatches?: number;
  /** Makes the optimizer, SGD with momentum and decay unless given. */
  readonly optimizer?: () => Optimizer;
  readonly clip?: Clip;
  /** The momentum of a step. */
  readonly momentum?: (step: number) => number;
}

const sgdWithAll = (): Optimizer => sgd({ momentum: 0.9, nesterov: true, weightDecay: 5e-4 });

function alive(): { tensors: number; native: number } {
  const torch = tf.backend() as unknown as { stats(): { tensors: number } };
  return { tensors: tf.memory().numTensors, native: torch.stats().tensors };
}

const valuesOf = (tensors: Iterable<tf.Tensor>): Float32Array[] =>
  Array.from(tensors, (tensor) => tensor.dataSync() as Float32Array);

/** Loss, weights, running statistics and momenta after each step, eager or compiled. */
function history(
  { build, defense, weightAttack, attacks, momentum, optimizer: make = sgdWithAll, ...rest }: Training,
  compiled: boolean,
): Float32Array[][] {
  const before = alive();
  const network = build(random(0));
  const optimizer = make();
  const options = { network, defense, optimizer, weightAttack, ...rest };
  const [eager, replayed] = [trainStep(options), compiledTrainStep(options)];
  const states = Array.from(batches(dataset, { batchSize }), (batch: Batch, step) => {
    const varied = momentum && { momentum: momentum(step) };
    const settings = { learningRate: 0.1 / (step + 1), ...varied, weightAttackActive: attacks(step) };
    const { loss } = (compiled ? replayed : eager)(batch, random(5).fold(step), settings);
    disposeBatch(batch);
    const { parameters, buffers } = network;
    const values = valuesOf([loss, ...parameters.values(), ...buffers.values(), ...optimizer.state.values()]);
    loss.dispose();
    return values;
  });
  replayed.dispose();
  optimizer.dispose();
  disposeNetwork(network);
  expect(alive()).toEqual(before);
  return states;
}

const always = (): boolean => true;
const attack = awp({ gamma: 0.01 });
// The losses of four classes lie around 1.4: some are below, some not.
const robust = awp({ gamma: 0.02, scaling: "global", steps: 3, ascent: "accumulated", lossBelow: 1.4 });

test.each<[string, Training]>([
  ["SGD on a CNN", { build: cnn, defense: standardTraining(), weightAttack: attack, attacks: () => false }],
  ["AT-AWP on a CNN", { build: cnn, defense: at("train"), weightAttack: attack, attacks: always }],
  [
    "AT-AWP on a ResNet in micro-batches",
    { build: resNet, defense: at("eval"), weightAttack: attack, attacks: always, microBatches: 2 },
  ],
  [
    "AT with two-step AWP on a CNN in uneven micro-batches",
    {
      build: cnn,
      defense: at("train"),
      weightAttack: awp({ gamma: 0.02, steps: 2 }),
      attacks: always,
      microBatches: 4,
    },
  ],
  ["AT-AWP on a ResNet", { build: resNet, defense: at("eval"), weightAttack: attack, attacks: always }],
  [
    "AT with two-step AWP in some steps",
    { build: cnn, defense: at("eval"), weightAttack: awp({ gamma: 0.02, steps: 2 }), attacks: (step) => step % 2 > 0 },
  ],
  [
    "AT with a robust weight perturbation on a CNN in micro-batches",
    { build: cnn, defense: at("eval"), weightAttack: robust, attacks: always, microBatches: 2 },
  ],
  ["AT with adaptive SAM", { build: cnn, defense: at("eval"), weightAttack: asam({ rho: 0.1 }), attacks: always }],
  [
    "AT-AWP with AdamW, clipped, with a momentum for each step",
    {
      build: resNet,
      defense: at("eval"),
      weightAttack: attack,
      attacks: always,
      optimizer: () => adamW({ weightDecay: 0.1, decays: decaysKernels }),
      clip: { norm: 0.5 },
      momentum: (step) => 0.95 - step / 50,
    },
  ],
  [
    "SGD on a CNN, clipped by value, with a momentum for each step",
    {
      build: cnn,
      defense: standardTraining(),
      weightAttack: attack,
      attacks: () => false,
      clip: { value: 0.01 },
      momentum: (step) => 0.95 - step / 50,
    },
  ],
  [
    "AT with a random weight perturbation",
    { build: cnn, defense: at("eval"), weightAttack: randomWeightPerturbation({ gamma: 0.01 }), attacks: always },
  ],
])("%s: compiled training steps equal eager ones to the bit, and leave nothing behind", (_, training) => {
  expect(history(training, true)).toEqual(history(training, false));
});

test("a compiled step takes the strength of AWP as an input", () => {
  const network = cnn(random(0));
  const perturbed = ({ gamma, images, labels }: { gamma: Scalar; images: Images; labels: Labels }) => {
    const loss = () => mean(crossEntropy(network.forward(images, "train-frozen"), labels));
    const perturbation = awp({ gamma })(network.parameters, loss, random(0));
    return withPerturbation(network.parameters, perturbation, loss);
  };
  const compiled = compileStep(perturbed);
  const [batch] = Array.from(batches(dataset, { batchSize: 7 * batchSize })) as [Batch];
  const { images, labels } = batch;
  for (const strength of [0.01, 0.02, 0.03, 0.04, 0.05]) {
    const gamma = tf.scalar(strength);
    const [eager, replayed] = [
      tf.tidy(() => perturbed({ gamma, images, labels })),
      compiled({ gamma, images, labels }),
    ];
    expect(valuesOf([replayed])).toEqual(valuesOf([eager]));
    tf.dispose([gamma, eager, replayed]);
  }
  compiled.dispose();
  disposeNetwork(network);
  disposeBatch(batch);
});
