import { crossEntropy, type Logits, mean, type Network } from "@awp/core";
import { disposeNetwork } from "@awp/models";
import { images, labels } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { largest, scaled } from "../deviation";
import type { Fields } from "../fields";
import { type Findings, requireKnown } from "../findings";
import { checkGradients, type Pass } from "../gradient-figures";
import { goldenNetwork } from "../golden-network";
import { checkTensors } from "../tensor-figures";
import { tolerance } from "../tolerance";

/** Logits, loss, gradients and running statistics of one pass in evaluation mode and one in training mode. */
export async function network(golden: Fields, findings: Findings): Promise<void> {
  requireKnown(golden, ["kind", "network", "batch", "image_seed", "eval", "train", "parameters"]);
  const network = goldenNetwork(golden.object("network"));
  const count = golden.count("batch");
  const x = images(count, golden.number("image_seed"));
  const y = labels(count);
  try {
    if (golden.has("parameters")) checkNames(network, golden, findings);
    for (const mode of ["eval", "train"] as const) {
      if (golden.has(mode)) await checkPass({ network, x, y, mode, golden: golden.object(mode) }, findings);
    }
  } finally {
    tf.dispose([x, y]);
    disposeNetwork(network);
  }
}

function checkNames({ parameters }: Network, golden: Fields, findings: Findings): void {
  const outline = (name: string, shape: readonly number[]) => `${name} [${shape.join(", ")}]`;
  const expected = golden.shapes("parameters").map(([name, shape]) => outline(name, shape));
  const actual = [...parameters].map(([name, { shape }]) => outline(name, torchShape(shape)));
  const stray = expected.find((line, index) => line !== actual[index]) ?? actual[expected.length];
  const name = stray === undefined ? "names and shapes of the parameters" : `parameters: ${stray}`;
  findings.check(name, stray === undefined ? 0 : Number.POSITIVE_INFINITY, 0);
}

function torchShape(shape: readonly number[]): readonly number[] {
  const [height, width, inputs, outputs] = shape;
  return shape.length === 4 ? ([outputs, inputs, height, width] as number[]) : [...shape].reverse();
}

async function checkPass(pass: Pass, findings: Findings): Promise<void> {
  const { network, x, mode, golden } = pass;
  const logits = network.forward(x, mode); // the one pass that moves the running statistics
  try {
    await checkLogits(pass, logits, findings);
  } finally {
    logits.dispose();
  }
  if (golden.has("bn_after_one_forward")) {
    const statistics = golden.object("bn_after_one_forward");
    await checkTensors(findings, `${mode} statistics`, network.buffers, statistics, tolerance.network);
  }
  await checkGradients(pass, findings);
  for (const key of golden.keys) if (!covered.includes(key)) findings.skip(`${mode}.${key}`);
}

const covered = ["logits", "ce", "input_grad_norm", "input_grad_nhwc_head", "param_grads", "bn_after_one_forward"];

async function checkLogits({ y, mode, golden }: Pass, logits: Logits, findings: Findings): Promise<void> {
  const expected = golden.numbers("logits");
  const scale = largest(expected);
  findings.check(`${mode} logits`, scaled(await logits.data(), expected, scale), tolerance.network.logits);
  const loss = tf.tidy(() => mean(crossEntropy(logits, y)));
  findings.check(`${mode} loss`, scaled(await loss.data(), [golden.number("ce")], scale), tolerance.network.logits);
  loss.dispose();
}
