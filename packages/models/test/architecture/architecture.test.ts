import { type Images, type Network, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  disposeNetwork,
  dmPreActResNet,
  dmWideResNet,
  preActResNet,
  preActResNet18,
  preActResNet34,
  preActResNet50,
  raWideResNet,
  resNet,
  resNet18,
  smallCnn,
  wideResNet,
  wideResNetA4,
} from "../../src";

const source = { classes: 10, random: random(1) };

/** Builds, looks and disposes, so that the largest networks stand in memory one at a time. */
function withNetwork<T>(network: Network, look: (network: Network) => T): T {
  try {
    return look(network);
  } finally {
    disposeNetwork(network);
  }
}

const parameterCount = ({ parameters }: Network): number =>
  [...parameters.values()].reduce((count, { size }) => count + size, 0);

describe("parameter counts are PyTorch's:", () => {
  it.each([
    ["PreActResNet-18, 100 classes", () => preActResNet18({ ...source, classes: 100 }), 11_172_170 + 90 * 513],
    ["ResNet-18", () => resNet18(source), 11_173_962],
    ["WRN-10-1", () => wideResNet({ ...source, depth: 10, widen: 1 }), 77_850],
  ])("%s", (_, build, count) => {
    expect(withNetwork(build(), parameterCount)).toBe(count);
  });
});

describe("a residual network:", () => {
  it("PreActResNet-34 and -50 have as many layers as their names say", () => {
    const convolutions = (network: Network) =>
      [...network.parameters].filter(([name, { rank }]) => rank > 1 && !name.includes("shortcut")).length;
    expect(withNetwork(preActResNet34(source), convolutions)).toBe(34);
    expect(withNetwork(preActResNet50(source), convolutions)).toBe(50);
  });

  it("a bottleneck's names and shapes are PyTorch's, in its order", () => {
    const network = preActResNet({ ...source, blocks: [1, 1], bottleneck: true, width: 8 });
    const names = [...network.parameters].map(([name, { shape }]) => `${name} ${shape.join("×")}`);
    expect(names.slice(0, 11)).toEqual([
      "conv1.weight 3×3×3×8",
      "layer1.0.bn1.weight 8",
      "layer1.0.bn1.bias 8",
      "layer1.0.conv1.weight 1×1×8×8",
      "layer1.0.bn2.weight 8",
      "layer1.0.bn2.bias 8",
      "layer1.0.conv2.weight 3×3×8×8",
      "layer1.0.bn3.weight 8",
      "layer1.0.bn3.bias 8",
      "layer1.0.conv3.weight 1×1×8×32",
      "layer1.0.shortcut.0.weight 1×1×8×32",
    ]);
    expect(names.slice(-4)).toEqual(["bn.weight 64", "bn.bias 64", "linear.weight 64×10", "linear.bias 10"]);
    expect([...network.buffers.keys()].slice(0, 2)).toEqual(["layer1.0.bn1.running_mean", "layer1.0.bn1.running_var"]);
    disposeNetwork(network);
  });
});

const small: [string, () => Network][] = [
  ["preActResNet", () => preActResNet({ ...source, blocks: [1, 1], width: 4 })],
  ["preActResNet of bottlenecks", () => preActResNet({ ...source, blocks: [2, 1], width: 4, bottleneck: true })],
  ["wideResNet", () => wideResNet({ ...source, depth: 10, widen: 1 })],
  ["smallCnn", () => smallCnn({ ...source, widths: [4, 8] })],
  ["resNet", () => resNet({ ...source, blocks: [1, 1], width: 4 })],
  ["resNet of bottlenecks", () => resNet({ ...source, blocks: [1, 2], width: 4, bottleneck: true })],
  ["dmWideResNet, padded", () => dmWideResNet({ ...source, depth: 10, widen: 1, padding: 1 })],
  ["dmWideResNet with MeanSparse", () => dmWideResNet({ ...source, depth: 10, widen: 1, meanSparse: true })],
  ["dmPreActResNet", () => dmPreActResNet({ ...source, blocks: [1, 1], width: 4 })],
  ["raWideResNet", () => raWideResNet({ ...source, blocks: [1, 1], widths: [8, 8], stemWidth: 4 })],
  ["wideResNetA4", () => wideResNetA4({ ...source, blocks: [1, 1], widths: [8, 8] })],
];

describe.each(small)("%s", (_, build) => {
  const x = (): Images => tf.reshape(tf.linspace(0, 1, 2 * 9 * 12 * 3), [2, 9, 12, 3]);

  it("takes images of any size and leaves only its logits", () => {
    const network = build();
    const images = x();
    for (const mode of ["eval", "train", "train-frozen"] as const) {
      expect(() => network.forward(images, mode)).toAllocate(1);
      expect(network.forward(images, mode).shape).toEqual([2, 10]);
    }
    disposeNetwork(network);
  });

  it("owns its variables only, all of which disposeNetwork frees", () => {
    const before = tf.memory().numTensors;
    const network = build();
    expect(tf.memory().numTensors - before).toBe(network.parameters.size + network.buffers.size);
    disposeNetwork(network);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses images of another shape", () => {
    const network = build();
    expect(() => network.forward(tf.zeros([2, 8, 8, 1]), "eval")).toThrow("x: got [2, 8, 8, 1], want [batch, height");
    expect(() => network.forward(tf.zeros([8, 8, 3]) as unknown as Images, "eval")).toThrow("x: got [8, 8, 3]");
    disposeNetwork(network);
  });
});

describe("an option that makes no network is refused:", () => {
  it.each<[string, () => Network]>([
    ["depth", () => wideResNet({ ...source, depth: 12, widen: 1 })],
    ["depth", () => wideResNet({ ...source, depth: 4, widen: 1 })],
    ["widen", () => wideResNet({ ...source, depth: 10, widen: 0 })],
    ["classes", () => preActResNet18({ ...source, classes: 0 })],
    ["channels", () => preActResNet18({ ...source, channels: 1.5 })],
    ["momentum", () => smallCnn({ ...source, momentum: -0.1 })],
    ["blocks", () => preActResNet({ ...source, blocks: [2, 0] })],
    ["blocks.length", () => preActResNet({ ...source, blocks: [] })],
    ["width", () => preActResNet({ ...source, blocks: [1], width: -4 })],
    ["widths", () => smallCnn({ ...source, widths: [8, 0] })],
    ["widths.length", () => smallCnn({ ...source, widths: [] })],
    ["width", () => resNet({ ...source, blocks: [1], width: 0.5 })],
    ["depth", () => dmWideResNet({ ...source, depth: 11, widen: 1 })],
    ["padding", () => dmWideResNet({ ...source, depth: 10, widen: 1, padding: -1 })],
    ["std", () => dmWideResNet({ ...source, depth: 10, widen: 1, normalization: { mean: [0], std: [0] } })],
    ["blocks", () => dmPreActResNet({ ...source, blocks: [1, 0] })],
    ["widths", () => raWideResNet({ ...source, widths: [8] })],
    ["widths", () => wideResNetA4({ ...source, widths: [8] })],
  ])("%s", (option, build) => {
    const before = tf.memory().numTensors;
    expect(build).toThrow(`${option}: got`);
    expect(tf.memory().numTensors).toBe(before);
  });
});
