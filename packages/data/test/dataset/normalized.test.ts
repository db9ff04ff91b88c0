import { type Images, type Logits, type Mode, type Network, valueAndGradient } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { normalizations, normalized } from "../../src";

const statistics = { mean: [0.5, 0.25], std: [0.5, 0.125] };
const twoPixels = (): Images => tf.tensor4d([0, 0.5, 1, 0.25], [1, 1, 2, 2]);
const flat = (x: Images): Logits => tf.reshape(x, [x.shape[0], -1]);

function recorder(modes: Mode[]): Network {
  const parameters = new Map([["linear.weight", tf.variable(tf.scalar(1))]]);
  return {
    parameters,
    buffers: new Map(),
    forward(x, mode) {
      modes.push(mode);
      return flat(x);
    },
  };
}

describe("normalized", () => {
  test("hands (x - mean) / std to the classifier", () => {
    expect([...normalized(flat, statistics)(twoPixels()).dataSync()]).toEqual([-1, 2, 1, 0]);
  });

  test("has the gradient of the classifier divided by std", () => {
    const { gradient } = valueAndGradient((x) => normalized(flat, statistics)(x), twoPixels());
    expect([...gradient.dataSync()]).toEqual([2, 8, 2, 8]);
  });

  test("wraps a network: the same weights, the mode handed on", () => {
    const modes: Mode[] = [];
    const network = recorder(modes);
    const wrapped = normalized(network, statistics);
    expect(wrapped.parameters).toBe(network.parameters);
    expect(wrapped.buffers).toBe(network.buffers);
    for (const mode of ["eval", "train", "train-frozen"] as const) {
      expect([...wrapped.forward(twoPixels(), mode).dataSync()]).toEqual([-1, 2, 1, 0]);
    }
    expect(modes).toEqual(["eval", "train", "train-frozen"]);
    tf.dispose([...network.parameters.values()]);
  });

  test("leaves the logits and nothing else", () => {
    const x = twoPixels();
    expect(() => normalized(flat, statistics)(x)).toAllocate(1);
    const failing = normalized(() => {
      throw new Error("no");
    }, statistics);
    expect(() => expect(() => failing(x)).toThrow("no")).toAllocate(0);
  });

  test.each([
    [{ mean: [], std: [] }, /^mean/],
    [{ mean: [0.5], std: [1, 1] }, /^std: got \[1, 1\], want 1 positive/],
    [{ mean: [0.5], std: [0] }, /^std/],
    [{ mean: [Number.NaN], std: [1] }, /^mean/],
  ])("refuses %j", (wrong, message) => {
    expect(() => normalized(flat, wrong)).toThrow(message);
  });

  test("refuses images of other channels", () => {
    expect(() => normalized(flat, normalizations.cifar10)(twoPixels())).toThrow(
      /x: got \[1, 1, 2, 2\], want images of 3/,
    );
  });
});

test("normalizations of CIFAR are those of the reference runs", () => {
  expect(normalizations.cifar10).toEqual({ mean: [0.4914, 0.4822, 0.4465], std: [0.2471, 0.2435, 0.2616] });
  expect(normalizations.cifar100.mean.map(String)).toEqual([
    "0.5070751592371323",
    "0.48654887331495095",
    "0.4409178433670343",
  ]);
  expect(normalizations.cifar100.std.map(String)).toEqual([
    "0.2673342858792401",
    "0.2564384629170883",
    "0.27615047132568404",
  ]);
  expect(normalizations.svhn).toEqual({ mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] });
});
