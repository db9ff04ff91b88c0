import {
  crossEntropy,
  type Images,
  type Labels,
  mean,
  type Mode,
  type Network,
  parameterGradients,
  valueAndGradient,
} from "@awp/core";
import { stream } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { norm, relative, scaled } from "./deviation";
import type { Fields } from "./fields";
import { type Findings, findings, isWithin, share, worst } from "./findings";
import { checkTensors } from "./tensor-figures";
import { tolerance } from "./tolerance";

/** A forward pass of a golden file, in one mode. */
export interface Pass {
  readonly network: Network;
  readonly x: Images;
  readonly y: Labels;
  readonly mode: "eval" | "train";
  readonly golden: Fields;
}

/**
 * Checks the gradients for the images and the parameters.
 *
 * A gradient jumps where the input of a ReLU is zero, and with a million ReLUs one or two lie so near that float32 comes
 * out on the other side than exact arithmetic: 1 % of an entry for a single one. So gradients beyond tolerance are taken
 * again at images that differ in their last bits. A wrong gradient stays wrong there.
 */
export async function checkGradients(pass: Pass, found: Findings): Promise<void> {
  let best: Findings | undefined;
  for (let attempt = 0; attempt <= neighbours; attempt++) {
    const current = await gradientFigures(pass, attempt);
    if (best === undefined || worstShare(current) < worstShare(best)) best = current;
    if (!current.figures.every(isWithin)) continue;
    if (attempt > 0) found.note(`${pass.mode} gradients at neighbour ${attempt} of the images, across a ReLU's kink`);
    break;
  }
  for (const { name, deviation, tolerance } of best?.figures ?? []) found.check(name, deviation, tolerance);
}

/** How many times images that differ in their last bits are tried. */
const neighbours = 8;

/** Two units in the last place of a float32 in [0.5, 1). */
const lastBits = 2 ** -23;

const worstShare = ({ figures }: Findings): number => {
  const figure = worst(figures);
  return figure === undefined ? 0 : share(figure);
};

async function gradientFigures({ network, x, y, mode, golden }: Pass, attempt: number): Promise<Findings> {
  const found = findings();
  const still: Mode = mode === "train" ? "train-frozen" : mode;
  const loss = (x: Images) => mean(crossEntropy(network.forward(x, still), y));
  const near = attempt === 0 ? tf.clone(x) : neighbour(x, attempt);
  try {
    await checkInputGradient(loss, near, mode, golden, found);
    if (golden.has("param_grads")) {
      const { loss: value, gradients } = parameterGradients(() => loss(near), network.parameters);
      try {
        await checkTensors(found, `${mode} gradient`, gradients, golden.object("param_grads"), tolerance.network);
      } finally {
        tf.dispose([value, ...gradients.values()]);
      }
    }
  } finally {
    near.dispose();
  }
  return found;
}

function neighbour(x: Images, seed: number): Images {
  const noise = Float32Array.from(stream(seed, x.size), (u) => lastBits * (2 * u - 1));
  return tf.tidy(() => tf.add(x, tf.tensor4d(noise, x.shape)));
}

async function checkInputGradient(
  loss: (x: Images) => tf.Scalar,
  x: Images,
  mode: string,
  golden: Fields,
  found: Findings,
): Promise<void> {
  const { value, gradient } = valueAndGradient(loss, x);
  const values = (await gradient.data<"float32">()).slice();
  tf.dispose([value, gradient]);
  const expected = golden.number("input_grad_norm");
  const head = golden.numbers("input_grad_nhwc_head");
  const entries = scaled(values.slice(0, head.length), head, expected / Math.sqrt(values.length));
  found.check(`${mode} input gradient norm`, relative(norm(values), expected), tolerance.network.norm);
  found.check(`${mode} input gradient entries`, entries, tolerance.network.entry);
}
