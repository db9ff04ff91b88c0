import type { Operations, TorchBackend } from "@awp/backend-torch";
import {
  compileStep,
  crossEntropy,
  type Images,
  type Labels,
  type Loss,
  mean,
  type Mode,
  type Network,
  parameterGradients,
  random,
  type StepInputs,
  valueAndGradient,
} from "@awp/core";
import { awp, isKernel } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { atAwpStep, attackOf, noiseBatch } from "../at-awp-step";

/** What a part of the step gives a device to do. */
interface PartOperations {
  readonly part: string;
  /** Operations of the part. */
  readonly operations: number;
  /** How often the step has the part. */
  readonly times: number;
}

/** The operations of a recorded AT-AWP step with PGD-10. */
export interface StepOperations {
  readonly parts: readonly PartOperations[];
  readonly total: number;
  readonly byOperator: Operations;
}

interface Inputs extends StepInputs {
  readonly images: Images;
  readonly labels: Labels;
}

const iterations = 10;
/** How often a step runs until it is recorded. */
const runsBefore = 3;

/**
 * Counts the operations of a recorded AT-AWP step, by part: each part is recorded by itself with the passes that it
 * needs, whose operations are then taken off. What the parts leave of the whole is the update. The counts depend neither
 * on the batch, nor on the size of the images, nor on the device.
 */
export function stepOperations(backend: TorchBackend, network: Network): StepOperations {
  const { images, labels, indices } = noiseBatch(2, 8);
  const inputs: Inputs = { images, labels };
  const count = (run: (inputs: Inputs) => tf.Tensor): number => sum(recordedOperations(backend, run, inputs));

  const forward = (mode: Mode) => (x: Images) => network.forward(x, mode);
  const attack = (steps: number) =>
    count(({ images: x, labels: y }) => attackOf(steps)(forward("train"), x, y, random(0)));
  const loss =
    ({ images: x, labels: y }: Inputs): Loss =>
    () =>
      mean(crossEntropy(forward("train-frozen")(x), y));
  const kernels = new Map([...network.parameters].filter(([name, parameter]) => isKernel(name, parameter)));

  const moving = count(({ images: x }) => forward("train")(x));
  const frozen = count(({ images: x }) => forward("train-frozen")(x));
  const inputBackward = count(({ images: x }) => valueAndGradient(forward("train"), x).gradient) - moving;
  const [one, two] = [attack(1), attack(2)];
  const kernelPass = count((given) => last(parameterGradients(loss(given), kernels).gradients));
  const weightPass = count((given) => last(parameterGradients(loss(given), network.parameters).gradients));
  const weightAttack = awp({ gamma: 0.01 });
  const found = count((given) => last(weightAttack(network.parameters, loss(given), random(0)).deltas));

  const step = atAwpStep(network, true);
  const run = (): void => step({ images, labels, indices }, random(0), { learningRate: 0.01 }).loss.dispose();
  for (let time = 0; time < runsBefore; time++) run();
  const apart = backend.operations(run);
  const inPlace = backend.operations(run, { inPlace: true });
  step.dispose();
  tf.dispose([images, labels]);

  const parts = [
    { part: "train forward", operations: moving, times: iterations + 1 },
    { part: "input backward", operations: inputBackward, times: iterations },
    { part: "PGD arithmetic", operations: two - one - moving - inputBackward, times: iterations },
    { part: "PGD's start", operations: 2 * one - two, times: 1 },
    { part: "forward of the weight attack", operations: frozen, times: 1 },
    { part: "backward of the weight attack", operations: kernelPass - frozen, times: 1 },
    { part: "norms and scaling", operations: found - kernelPass, times: 1 },
    { part: "weight backward", operations: weightPass - frozen, times: 1 },
  ];
  const counted = parts.reduce((total, { operations, times }) => total + operations * times, 0);
  return {
    parts: [
      ...parts,
      { part: "update", operations: sum(apart) - counted, times: 1 },
      { part: "copies in place", operations: sum(inPlace) - sum(apart), times: 1 },
    ],
    total: sum(inPlace),
    byOperator: inPlace,
  };
}

/** The operations of a step of its own, once it is recorded. */
function recordedOperations(backend: TorchBackend, run: (inputs: Inputs) => tf.Tensor, inputs: Inputs): Operations {
  const compiled = compileStep((given: Inputs) => tf.tidy(() => run(given)));
  const once = (): void => compiled(inputs).dispose();
  for (let time = 0; time < runsBefore; time++) once();
  const operations = backend.operations(once);
  compiled.dispose();
  return operations;
}

function sum(operations: Operations): number {
  return Object.values(operations).reduce((total, count) => total + count, 0);
}

function last(tensors: ReadonlyMap<string, tf.Tensor>): tf.Tensor {
  return [...tensors.values()].at(-1) as tf.Tensor;
}
