import {
  type BackendName,
  drain,
  type Mode,
  type Network,
  type Parameters,
  type ProcessGroup,
  random,
  uniform,
  useBackend,
} from "@awp/core";
import { pgd } from "@awp/attacks";
import { batchCount, batches, compose, flip, padCrop, synthetic } from "@awp/data";
import { adversarialTraining } from "@awp/defenses";
import { smallCnn } from "@awp/models";
import { awp } from "@awp/perturb";
import { ema, schedules, sgd, train, type TrainOptions } from "@awp/train";
import * as tf from "@tensorflow/tfjs-core";
import { agreeing, dataParallel, type DataParallelOptions } from "../src/index";

/** What tests vary of a training, in what can be sent to a thread. */
export interface Settings extends DataParallelOptions {
  readonly backend?: BackendName;
  readonly compile?: boolean;
  readonly network?: "plain" | "normalized";
  readonly batchSize?: number;
  readonly epochs?: number;
  readonly clip?: number;
  readonly microBatches?: number;
  readonly attackMode?: Mode;
  /** PGD in ℓ∞ from noise, or in ℓ2 from the images: without noise, and without a sign that rounding could turn over. */
  readonly attack?: "linf" | "l2";
}

/** What it came to, as numbers. */
export interface Trained {
  readonly weights: readonly number[];
  readonly statistics: readonly number[];
  readonly momentum: readonly number[];
  readonly average: readonly number[];
  readonly losses: readonly number[];
}

const count = 40;

/** AT-AWP of a small network on 40 images in batches of 8: five steps an epoch, 20 in all. */
export async function trained(group: ProcessGroup, settings: Settings = {}): Promise<Trained> {
  await useBackend(settings.backend ?? "wasm");
  const { weightAttack, batchNorm } = settings;
  const given = options(group, settings);
  const modes = { ...(weightAttack && { weightAttack }), ...(batchNorm && { batchNorm }) };
  const losses: number[] = [];
  await drain(train(await dataParallel(given, agreeing(group), modes)), (event) => {
    if (event.kind === "step") losses.push(event.loss);
  });
  return disposed(given, losses);
}

/** What a training came to, which is disposed. */
export function disposed({ network, optimizer, average }: TrainOptions, losses: readonly number[]): Trained {
  const averaged = average?.weights;
  const result = {
    weights: numbers(network.parameters),
    statistics: [...numbers(network.buffers), ...numbers(averaged?.buffers ?? new Map())],
    momentum: numbers(optimizer.state),
    average: numbers(averaged?.parameters ?? new Map()),
    losses,
  };
  optimizer.dispose();
  average?.dispose();
  tf.dispose([...network.parameters.values(), ...network.buffers.values()]);
  return result;
}

export function options(shard: { rank: number; size: number }, settings: Settings = {}): TrainOptions {
  const { batchSize = 8, epochs = 4, clip, microBatches = 1, attackMode = "eval", attack = "linf" } = settings;
  const set = synthetic({ count, random: random(3), size: 8, classes: 4 });
  const augment = compose(padCrop({ padding: 1 }), flip());
  const attacks = {
    linf: pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 3 }),
    l2: pgd({ norm: "l2", epsilon: 0.5, stepSize: 0.2, steps: 3, start: "clean" }),
  };
  return {
    network: networkOf(settings, shard.rank),
    defense: adversarialTraining({ attack: attacks[attack], attackMode }),
    weightAttack: awp({ gamma: 0.01 }),
    optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
    average: ema({ decay: 0.9 }),
    schedule: schedules.constant({ learningRate: 0.1 }),
    epochs,
    batches: (_, order) => batches(set, { batchSize, random: order, augment, ...(shard.size > 1 && { shard }) }),
    stepsPerEpoch: batchCount(set, { batchSize }),
    random: random(0),
    reportEvery: 1,
    compile: settings.compile ?? false,
    microBatches,
    ...(clip !== undefined && { clip: { norm: clip } }),
  };
}

/** Other first weights on each rank: all but rank 0's must be given up. */
function networkOf({ network = "plain" }: Settings, rank: number): Network {
  if (network === "plain") return plainCnn(rank);
  return smallCnn({ classes: 4, random: random(rank), widths: [4, 6] });
}

/** Two convolutions with ReLU and a linear layer: nothing that lets one example know of another. */
function plainCnn(seed: number): Network {
  const shapes = { "conv1.weight": [3, 3, 3, 4], "conv2.weight": [3, 3, 4, 6], "fc.weight": [6, 4], "fc.bias": [4] };
  const parameters = new Map(
    Object.entries(shapes).map(([name, shape], index) => [
      name,
      tf.tidy(() => tf.variable(uniform(random(seed).fold(index), shape, -0.5, 0.5))),
    ]),
  );
  const of = (name: keyof typeof shapes) => parameters.get(name) as tf.Tensor;
  return {
    parameters,
    buffers: new Map(),
    forward: (x) =>
      tf.tidy(() => {
        const first = tf.relu(tf.conv2d(x, of("conv1.weight") as tf.Tensor4D, 1, "same"));
        const second = tf.relu(tf.conv2d(first, of("conv2.weight") as tf.Tensor4D, 2, "same"));
        return tf.add<tf.Tensor2D>(tf.matMul(tf.mean(second, [1, 2]), of("fc.weight") as tf.Tensor2D), of("fc.bias"));
      }),
  };
}

function numbers(variables: Parameters): readonly number[] {
  return [...variables.values()].flatMap((variable) => [...variable.dataSync()]);
}
