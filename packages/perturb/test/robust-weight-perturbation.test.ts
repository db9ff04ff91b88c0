import { type Loss, type NamedTensors, parameterGradients, random } from "@awp/core";
import { lossInParts } from "@awp/core/authoring";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awp, type AwpOptions } from "../src/index";
import { exampleLoss, host, linearSoftmax } from "./toy-weights";

let toy: ReturnType<typeof linearSoftmax>;
beforeEach(() => {
  toy = linearSoftmax();
});
afterEach(() => toy.dispose());

const everything = { gamma: 0.3, scaling: "global", predicate: () => true } as const;
const found = (options: AwpOptions, loss: Loss = toy.loss): NamedTensors =>
  awp(options)(toy.weights, loss, random(0)).deltas;

// PyTorch's autograd in double precision. The losses at w are 0.487 and 0.527; from step to step other examples are below.
describe.each([
  {
    ascent: "accumulated",
    lossBelow: 0.9,
    weight: [
      [-0.068855146, 0.0557457316, 0.0131094145],
      [-0.2102768061, 0.0450318955, 0.1652449106],
      [0.105138403, -0.0225159478, -0.0826224553],
    ],
    bias: [0.0037113681, 0.1222052991, -0.1259166672],
  },
  {
    ascent: "projected",
    lossBelow: 0.9,
    weight: [
      [-0.0391216327, 0.0312959583, 0.0078256744],
      [-0.1713394715, -0.0210653469, 0.1924048185],
      [0.0856697358, 0.0105326735, -0.0962024092],
    ],
    bias: [0.0539745735, 0.1149532217, -0.1689277953],
  },
  {
    ascent: "accumulated",
    weight: [
      [-0.093536672, 0.0787352258, 0.0148014462],
      [-0.2262708832, 0.1225969771, 0.103673906],
      [0.1131354416, -0.0612984886, -0.051836953],
    ],
    bias: [-0.0543391327, 0.1136087001, -0.0592695674],
  },
] as const)("four $ascent steps with lossBelow $lossBelow", ({ weight, bias, ...options }) => {
  it("give the known perturbation", () => {
    const v = found({ ...everything, ...options, steps: 4 });
    expect(relativeDeviation(v.get("weight")!, weight)).toBeLessThan(1e-5);
    expect(relativeDeviation(v.get("bias")!, bias)).toBeLessThan(1e-5);
  });

  it("give the same of a loss in parts", () => {
    const halved = (below?: number) =>
      toy.examples.map((loss) => () => tf.tidy(() => tf.mul<tf.Scalar>(0.5, (below ? loss.below!(below) : loss)())));
    const parts = Object.assign(lossInParts(halved()), { below: (t: number) => lossInParts(halved(t)) });
    const v = found({ ...everything, ...options, steps: 4 }, parts);
    expect(relativeDeviation(v.get("weight")!, weight)).toBeLessThan(1e-5);
  });
});

describe("awp with lossBelow", () => {
  it("follows the example that is below alone", () => {
    const v = found({ gamma: 0.01, lossBelow: 0.5 });
    expect(relativeDeviation(v.get("weight")!, found({ gamma: 0.01 }, toy.examples[0]).get("weight")!)).toBeLessThan(
      1e-6,
    );
  });

  it.each(["projected", "accumulated"] as const)("is 0 where none is below, in several %s steps", (ascent) => {
    const v = found({ ...everything, ascent, steps: 3, lossBelow: 0.1 });
    expect([...v.values()].flatMap(host)).toEqual(Array(12).fill(0));
  });

  it("is 0 for a loss that no weight leads to", () => {
    const nothing: Loss = Object.assign(() => tf.scalar(0), { below: () => () => tf.scalar(0) });
    expect(host(found({ gamma: 0.01, lossBelow: 1 }, nothing).get("weight"))).toEqual(Array(9).fill(0));
  });

  it("counts an example whose loss is NaN or infinite as none", () => {
    const finite = exampleLoss(
      () => tf.concat([tf.reshape(toy.examples[0]!(), [1]), [Number.NaN, Infinity]]) as tf.Tensor1D,
    );
    const [v, expected] = [found({ gamma: 0.1, lossBelow: 1 }, finite), found({ gamma: 0.1 }, toy.examples[0])];
    expect(relativeDeviation(v.get("weight")!, expected.get("weight")!)).toBeLessThan(1e-6);
  });

  it("is plain awp, to the bit, where all are below", () => {
    const [v, plain] = [{ lossBelow: 10 }, {}].map((options) => found({ gamma: 0.2, steps: 3, ...options }));
    expect(host(v!.get("weight"))).toEqual(host(plain!.get("weight")));
  });

  it("keeps its perturbation alone, also when the loss throws", () => {
    const options = { ...everything, steps: 3, ascent: "accumulated", lossBelow: 0.7 } as const;
    expect(() => awp(options)(toy.weights, toy.loss, random(0))).toAllocate(2);
    let passes = 0;
    const failing = exampleLoss(() => {
      if (++passes === 2) throw new Error("out of order");
      return tf.zeros([2]);
    });
    expect(() => {
      expect(() => found(options, failing)).toThrow("out of order");
    }).toAllocate(0);
    expect(relativeDeviation(toy.loss(), 0.5071239895)).toBeLessThan(1e-6); // the weights are back
  });

  it("asks for a loss that knows of its examples, before any pass", () => {
    const plain = (): tf.Scalar => expect.unreachable();
    expect(() => found({ gamma: 0.01, lossBelow: 1 }, plain)).toThrow(expect.objectContaining({ argument: "loss" }));
  });

  it.each([
    ["lossBelow", { lossBelow: Number.NaN }],
    ["ascent", { ascent: "sideways" as never }],
    ["stepSize", { ascent: "accumulated", stepSize: 0.01 }],
  ] as const)("%s that cannot be is an error: %j", (argument, options) => {
    expect(() => awp({ gamma: 0.01, ...options })).toThrow(expect.objectContaining({ argument }));
  });
});

it("accumulated steps sum gradients as they are, projected ones their directions", () => {
  const { gradients } = parameterGradients(toy.loss, toy.weights);
  const [one, accumulated] = [found({ gamma: 0.01 }), found({ gamma: 0.01, ascent: "accumulated" })];
  expect(relativeDeviation(accumulated.get("weight")!, one.get("weight")!)).toBeLessThan(1e-6);
  const constant = (): tf.Scalar => tf.tidy(() => tf.sum(tf.mul(gradients.get("weight")!, toy.weights.get("weight")!)));
  for (const ascent of ["accumulated", "projected"] as const) {
    const v = found({ gamma: 0.01, ascent, steps: 5 }, constant);
    expect(relativeDeviation(v.get("weight")!, one.get("weight")!)).toBeLessThan(1e-5);
  }
});
