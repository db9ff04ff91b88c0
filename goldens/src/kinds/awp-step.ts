import {
  type Attack,
  type Batch,
  crossEntropy,
  type Defense,
  type Images,
  klDivergence,
  type Logits,
  mean,
  type NamedTensors,
  type Network,
  random,
  type WeightAttack,
} from "@awp/core";
import { adversarialTraining, trades } from "@awp/defenses";
import { type Optimizer, sgd, trainStep } from "@awp/train";
import { disposeNetwork } from "@awp/models";
import { awp } from "@awp/perturb";
import { images, labels } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { norm, relative } from "../deviation";
import { type Fields, MalformedError } from "../fields";
import { type Findings, NotYet, requireKnown } from "../findings";
import { goldenNetwork } from "../golden-network";
import { acrossKinks, neighbour } from "../kinks";
import { checkTensors, ofNorm, type TensorTolerance, torchValues } from "../tensor-figures";
import { tolerance } from "../tolerance";

/** Training steps of AT-AWP or TRADES-AWP on noisy images, without an inner attack. */
export async function awpStep(golden: Fields, findings: Findings): Promise<void> {
  const method = golden.text("defense");
  if (method !== "at" && method !== "trades") throw new NotYet(`defense ${method}`);
  const hyperparameters = ["batch", "gamma", "proxy_lr", "lr", "momentum", "weight_decay", "steps"];
  if (method === "trades") hyperparameters.push("beta");
  requireKnown(golden, ["kind", "defense", "network", ...hyperparameters]);
  if (golden.number("gamma") <= 0) throw new MalformedError(`${golden.path}.gamma: want a positive number`);
  // TRADES' file lies on a kink; AT is held to its images as they are.
  if (method === "at") return steps(golden, 0, findings);
  await acrossKinks((number, at) => steps(golden, number, at), "all steps", findings, 20);
}

/** All steps, on images that are that neighbour of the golden ones. */
async function steps(golden: Fields, number: number, findings: Findings): Promise<void> {
  const network = goldenNetwork(golden.object("network"));
  const optimizer = sgd({ momentum: golden.number("momentum"), weightDecay: golden.number("weight_decay") });
  try {
    for (const [index, step] of golden.objects("steps").entries()) {
      const watched = watchedStep(network, optimizer, golden, { index, number });
      try {
        await checkStep(network, watched, step, { index, learningRate: golden.number("lr") }, findings);
      } finally {
        const { loss, parts, perturbation, gradients } = watched;
        tf.dispose([loss, ...parts.values(), ...perturbation.values(), ...gradients.values()]);
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
  /** What the loss is the sum of, by the names of the golden figures. */
  readonly parts: NamedTensors;
  /** v / gamma. */
  readonly perturbation: NamedTensors;
  /** The gradients at w + v, without weight decay. */
  readonly gradients: NamedTensors;
}

function watchedStep(
  network: Network,
  optimizer: Optimizer,
  golden: Fields,
  { index, number }: { readonly index: number; readonly number: number },
): WatchedStep {
  const gamma = golden.number("gamma");
  const count = golden.count("batch");
  let perturbation: NamedTensors = new Map();
  let gradients: NamedTensors = new Map();
  const parts = new Map<string, tf.Tensor>();
  const weightAttack: WeightAttack = (weights, loss, random) => {
    const found = awp({ gamma })(weights, loss, random);
    perturbation = kept(found.deltas, (delta) => tf.div(delta, gamma));
    return found;
  };
  const decay: Optimizer["decay"] = (parameters, raw) => {
    gradients = kept(raw, tf.clone);
    return optimizer.decay(parameters, raw);
  };
  const attack = goldenNoise(4242 + index);
  const defense =
    golden.text("defense") === "at"
      ? adversarialTraining({ attack })
      : watchedTrades(golden.number("beta"), attack, parts);
  const step = trainStep({ network, defense, optimizer: { ...optimizer, decay }, weightAttack });
  const batch: Batch = {
    images: tf.tidy(() => neighbour(images(count, 777 + index), number)),
    labels: labels(count),
    indices: Int32Array.from({ length: count }, (_, row) => row),
  };
  try {
    const { loss } = step(batch, random(0), { learningRate: golden.number("lr") });
    return { loss, parts, perturbation, gradients };
  } finally {
    tf.dispose([batch.images, batch.labels]);
  }
}

/** TRADES as the reference passes forward, which notes the two halves of its loss at w + v. */
function watchedTrades(beta: number, attack: Attack, parts: Map<string, tf.Tensor>): Defense {
  const defense = trades({ attack, beta, auxiliaryForwards: true });
  return {
    ...defense,
    loss: (network, batch, adversarial, mode) => {
      if (mode !== "train") return defense.loss(network, batch, adversarial, mode);
      const logits: Logits[] = [];
      const forward: Network["forward"] = (x, at) => {
        const given = network.forward(x, at);
        logits.push(tf.keep(tf.clone(given)));
        return given;
      };
      const loss = defense.loss({ ...network, forward }, batch, adversarial, mode);
      const [attacked, natural] = logits as [Logits, Logits];
      parts.set("loss_natural", tf.keep(mean(crossEntropy(natural, batch.labels))));
      parts.set("loss_robust", tf.keep(mean(klDivergence(natural, attacked))));
      tf.dispose(logits);
      return loss;
    },
  };
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
  { loss, parts, perturbation, gradients }: WatchedStep,
  golden: Fields,
  { index, learningRate }: { readonly index: number; readonly learningRate: number },
  findings: Findings,
): Promise<void> {
  const within = index === 0 ? tolerance.awpStep.first : tolerance.awpStep.later;
  const at = `step ${index}`;

  const [value = Number.NaN] = await loss.data();
  findings.check(`${at} loss`, relative(value, golden.number("loss_at_perturbed_weights")), within.loss);

  for (const [name, part] of parts) {
    const [given = Number.NaN] = await part.data();
    const wanted = name === "loss_robust" ? within.divergence : within.loss;
    if (golden.has(name)) findings.check(`${at} ${name}`, relative(given, golden.number(name)), wanted);
  }

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
  for (const key of golden.keys) if (!covered.includes(key) && !parts.has(key)) findings.skip(`steps[${index}].${key}`);
}

const covered = [
  "loss_at_perturbed_weights",
  "v_before_gamma",
  "grad_norms_at_perturbed_weights",
  "params_after_restore",
  "bn_after_step",
];
