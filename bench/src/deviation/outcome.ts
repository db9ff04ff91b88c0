import {
  assignEntries,
  crossEntropy,
  type Images,
  mean,
  networkEntries,
  parameterGradients,
  type Parameters,
  random,
  type StoredTensor,
  valueAndGradient,
} from "@awp/core";
import { disposeNetwork } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { atAwpStep, noiseBatch } from "../at-awp-step";
import { namedNetwork } from "../pytorch/network";

export interface DeviationCase {
  readonly network: string;
  readonly batch: number;
  /** Whether to take an AT-AWP step too: 26 forward passes, which a slow reference may not have the time for. */
  readonly step: boolean;
}

/** What is compared, by its name; the gradients of the parameters one by one. */
export type Outcome = ReadonlyMap<string, Float32Array>;

export type Weights = ReadonlyMap<string, StoredTensor>;

/** The weights that a case's network begins with, made on the current backend. */
export async function initialWeights({ network: name }: DeviationCase): Promise<Weights> {
  const network = namedNetwork(name, random(0));
  const weights = await networkEntries(network);
  disposeNetwork(network);
  return weights;
}

/** What the current backend makes of a case. */
export async function outcomeOf(
  { network: name, batch: size, step }: DeviationCase,
  weights: Weights,
): Promise<Outcome> {
  const network = namedNetwork(name, random(0));
  assignEntries(network, weights, name);
  const batch = noiseBatch(size, 32);
  const losses = (x: Images) => crossEntropy(network.forward(x, "train-frozen"), batch.labels);
  const outcome = new Map<string, Float32Array>();
  const keep = async (figure: string, tensor: tf.Tensor) => {
    outcome.set(figure, (await tensor.data<"float32">()).slice());
    tensor.dispose();
  };

  await keep("logits", network.forward(batch.images, "train-frozen"));
  await keep(
    "input gradient",
    tf.tidy(() => valueAndGradient(losses, batch.images).gradient),
  );
  const { loss, gradients } = parameterGradients(() => mean(losses(batch.images)), network.parameters);
  await keep("loss", loss);
  for (const [parameter, gradient] of gradients) await keep(`gradient of ${parameter}`, gradient);
  if (step) {
    const run = atAwpStep(network, false);
    const { loss: stepLoss } = run(batch, random(1), { learningRate: 0.01 });
    await keep("step: loss", stepLoss);
    const after = await networkEntries(network);
    outcome.set("step: change of the weights", change(weights, after, network.parameters));
    outcome.set("step: change of the statistics", change(weights, after, network.buffers));
    run.dispose();
  }
  tf.dispose([batch.images, batch.labels]);
  disposeNetwork(network);
  return outcome;
}

/** How often a compiled step is called: twice as it is, once recorded, and then replayed. */
const calls = 6;

/**
 * What each call of one AT-AWP step leaves, with another batch, key and rate every time. Every call begins with the
 * weights that are given, so that what rounding makes of one is not carried on to the next; the momentum is.
 */
export async function callsOf(
  { network: name, batch: size }: DeviationCase,
  weights: Weights,
  recorded: boolean,
): Promise<Outcome> {
  const network = namedNetwork(name, random(0));
  const step = atAwpStep(network, recorded);
  const outcome = new Map<string, Float32Array>();
  for (let call = 1; call <= calls; call++) {
    assignEntries(network, weights, name);
    const batch = noiseBatch(size, 32, call);
    const { loss } = step(batch, random(100 + call), { learningRate: 0.01 * call });
    outcome.set(`call ${call}: loss`, (await loss.data<"float32">()).slice());
    tf.dispose([loss, batch.images, batch.labels]);
    const after = await networkEntries(network);
    outcome.set(`call ${call}: change of the weights`, change(weights, after, network.parameters));
    outcome.set(`call ${call}: change of the statistics`, change(weights, after, network.buffers));
  }
  step.dispose();
  disposeNetwork(network);
  return outcome;
}

/** The deviation of the tensors of these names, laid end to end. */
function change(before: Weights, after: Weights, named: Parameters): Float32Array {
  const differences = [...named.keys()].flatMap((name) => {
    const [old, young] = [before, after].map((weights) => weights.get(name)!.data as Float32Array);
    return Array.from(young!, (value, i) => value - old![i]!);
  });
  return Float32Array.from(differences);
}
