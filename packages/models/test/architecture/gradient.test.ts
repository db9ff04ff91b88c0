import {
  crossEntropy,
  type Images,
  type Labels,
  mean,
  type Network,
  parameterGradients,
  random,
  uniform,
  valueAndGradient,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { disposeNetwork, wideResNet } from "../../src";

let network: Network;
let x: Images;
let y: Labels;

beforeEach(() => {
  network = wideResNet({ classes: 3, depth: 10, widen: 1, random: random(11) });
  x = uniform(random(12), [3, 6, 6, 3]) as Images;
  y = tf.tensor1d([0, 1, 2], "int32");
});

afterEach(() => disposeNetwork(network));

/** The central difference of the loss along a direction; `displace` moves what the loss depends on by a multiple of it. */
async function slope(loss: () => tf.Tensor, displace: (step: number) => void): Promise<number> {
  const step = 1e-3; // small, so that few ReLUs switch on the way
  const at = async (step: number) => {
    displace(step);
    return (await loss().data())[0] as number;
  };
  const difference = ((await at(step)) - (await at(-step))) / (2 * step);
  displace(0);
  return difference;
}

const dot = async (a: tf.Tensor, b: tf.Tensor) => (await tf.sum(tf.mul(a, b)).data())[0] as number;

describe.each(["eval", "train-frozen"] as const)("WideResNet in mode %s", (mode) => {
  it.each([
    "block1.layer.0.bn1.weight",
    "block2.layer.0.convShortcut.weight",
    "block3.layer.0.conv1.weight",
    "fc.bias",
  ])("has the slope of the loss for its gradient in %s", async (name) => {
    const loss = () => mean(crossEntropy(network.forward(x, mode), y));
    const variable = network.parameters.get(name) as tf.Variable;
    const start = tf.clone(variable);
    const { gradients } = parameterGradients(loss, network.parameters);
    const gradient = gradients.get(name) as tf.Tensor;
    const direction = tf.div(gradient, tf.norm(gradient));
    const slopeThere = await slope(loss, (step) => variable.assign(tf.add(start, tf.mul(direction, step))));
    expect(slopeThere / (await dot(gradient, direction))).toBeCloseTo(1, 1.5);
  });

  it("has the slope of the loss for its gradient in the images", async () => {
    const { gradient } = valueAndGradient((x) => mean(crossEntropy(network.forward(x, mode), y)), x);
    const direction = tf.div(gradient, tf.norm(gradient));
    let moved = x;
    const loss = () => mean(crossEntropy(network.forward(moved, mode), y));
    const slopeThere = await slope(loss, (step) => {
      moved = tf.add(x, tf.mul(direction, step));
    });
    expect(slopeThere / (await dot(gradient, direction))).toBeCloseTo(1, 1.5);
  });
});
