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
import * as tf from "@tensorflow/tfjs-core";
import { norm, relative, scaled } from "./deviation";
import type { Fields } from "./fields";
import type { Findings } from "./findings";
import { acrossKinks, neighbour } from "./kinks";
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

/** Checks the gradients for the images and the parameters, {@link acrossKinks}. */
export async function checkGradients(pass: Pass, found: Findings): Promise<void> {
  await acrossKinks((number, at) => gradientFigures(pass, number, at), `${pass.mode} gradients`, found);
}

async function gradientFigures({ network, x, y, mode, golden }: Pass, number: number, found: Findings): Promise<void> {
  const still: Mode = mode === "train" ? "train-frozen" : mode;
  const loss = (x: Images) => mean(crossEntropy(network.forward(x, still), y));
  const near = neighbour(x, number);
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
