import {
  type Attack,
  type Batch,
  type Images,
  type NamedTensors,
  type Network,
  random,
  type WeightAttack,
} from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { type Optimizer, sgd, trainStep } from "@awp/train";
import { disposeNetwork } from "@awp/models";
import { awp } from "@awp/perturb";
import { images, labels } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { norm, relative } from "../deviation";
import { type Fields, MalformedError } from "../fields";
import { type Findings, NotYet, requireKnown } from "../findings";
import { goldenNetwork } from "../golden-network";
import { checkTensors, ofNorm, type TensorTolerance, torchValues } from "../tensor-figures";
import { tolerance } from "../tolerance";

/** Training steps of AT-AWP on noisy images, without an inner attack. */
export async function awpStep(golden: Fields, findings: Findings): Promise<void> {
  if (golden.text("defense") !== "at") throw new NotYet(`defense ${golden.text("defense")}`);
  const hyperparameters = ["batch", "gamma", "proxy_lr", "lr", "momentum", "weight_decay", "steps"];
  requireKnown(golden, ["kind", "defense", "network", ...hyperparameters]);
  if (golden.number("gamma") <= 0) throw new MalformedError(`${golden.path}.gamma: want a positive number`);

  const network = goldenNetwork(golden.object("network"));
  const optimizer = sgd({ momentum: golden.number("momentum"), weightDecay: golden.number("weight_decay") });
  try {
    for (const [index, step] of golden.objects("steps").entries()) {
      const watched = watchedStep(network, optimizer, golden, index);
      try {
        await checkStep(network, watched, step, { index, learningRate: golden.number("lr") }, findings);
      } finally {
        tf.dispose([watched.loss, ...watched.perturbation.values(), ...watched.gradients.values()]);
      }
    }
  } finally {
    optimizer.dispose();
    disposeNetwork(network);
  }
}

/** What a training step leaves behind and what it had on the way. */
interface WatchedStep {
  readonly loss: tf.Scalar;
  /** v / gamma. */
  readonly perturbation: NamedTensors;
  /** The gradients at w + v, without weight decay. */
  readonly gradients: NamedTensors;
}

function watchedStep(network: Network, optimizer: Optimizer, golden: Fields, index: number): WatchedStep {
  const gamma = golden.number("gamma");
  const count = golden.count("batch");
  let perturbation: NamedTensors = new Map();
  let gradients: NamedTensors = new Map();
  const weightAttack: WeightAttack = (weights, loss, random) => {
    const found = awp({ gamma })(weights, loss, random);
    perturbation = kept(found.deltas, (delta) => tf.div(delta, gamma));
    return found;
  };
  const decay: Optimizer["decay"] = (parameters, raw) => {
    gradients = kept(raw, tf.clone);
    return optimizer.decay(parameters, raw);
  };
  const defense = adversarialTraining({ attack: goldenNoise(4242 + index) });
  const step = trainStep({ network, defense, optimizer: { ...optimizer, decay }, weightAttack });
  const batch: Batch = {
    images: images(count, 777 + index),
    labels: labels(count),
    indices: Int32Array.from({ length: count }, (_, row) => row),
  };
  try {
    const { loss } = step(batch, random(0), { learningRate: golden.number("lr") });
    return { loss, perturbation, gradients };
  } finally {
    tf.dispose([batch.images, batch.labels]);
  }
}

/** The README's "attack": noise that any language can rebuild. */
function goldenNoise(seed: number): Attack {
  return (_classifier, x) =>
    tf.tidy(() => {
      const noise = tf.mul(tf.sub(tf.mul(images(x.shape[0], seed), 2), 1), 8 / 255);
      const moved: Images = tf.add(x, noise);
      return tf.clipByValue(moved, 0, 1);
    });
}

/** Tensors that outlive the tidy of the step. */
function kept(tensors: NamedTensors, f: (tensor: tf.Tensor) => tf.Tensor): NamedTensors {
  return new Map([...tensors].map(([name, tensor]) => [name, tf.keep(f(tensor))]));
}

async function checkStep(
  network: Network,
  { loss, perturbation, gradients }: WatchedStep,
  golden: Fields,
  { index, learningRate }: { readonly index: number; readonly learningRate: number },
  findings: Findings,
): Promise<void> {
  const within = index === 0 ? tolerance.awpStep.first : tolerance.awpStep.later;
  const at = `step ${index}`;

  const [value = Number.NaN] = await loss.data();
  findings.check(`${at} loss`, relative(value, golden.number("loss_at_perturbed_weights")), within.loss);

  const directions = golden.object("v_before_gamma");
  await checkTensors(findings, `${at} v`, perturbation, directions, ofNorm(within.perturbation));
  for (const name of perturbation.keys()) {
    if (!directions.has(name)) findings.check(`${at} v ${name} (should stay)`, Number.POSITIVE_INFINITY, 0);
  }

  const norms = golden.object("grad_norms_at_perturbed_weights");
  for (const name of norms.keys) {
    const gradient = gradients.get(name);
    const length = gradient === undefined ? Number.NaN : norm(await torchValues(gradient));
    findings.check(`${at} gradient ${name} norm`, relative(length, norms.number(name)), within.gradientNorm);
  }

  const parameters = golden.object("params_after_restore");
  const parameterTolerance: TensorTolerance = {
    norm: within.parameter,
    entry: within.parameterEntry * Math.max(1, learningRate / 0.01),
    entriesOf: "root mean square",
  };
  await checkTensors(findings, `${at} parameter`, network.parameters, parameters, parameterTolerance);
  const statistics = golden.object("bn_after_step");
  await checkTensors(findings, `${at} statistics`, network.buffers, statistics, ofNorm(within.statistic));
  for (const key of golden.keys) if (!covered.includes(key)) findings.skip(`steps[${index}].${key}`);
}

const covered = [
  "loss_at_perturbed_weights",
  "v_before_gamma",
  "grad_norms_at_perturbed_weights",
  "params_after_restore",
  "bn_after_step",
];
