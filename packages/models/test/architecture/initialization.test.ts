import { type Network, random } from "@awp/core";
import { describe, expect, it } from "vitest";
import { disposeNetwork, preActResNet, wideResNet } from "../../src";

const values = async (network: Network, name: string): Promise<Float32Array> =>
  (await network.parameters.get(name)?.data()) as Float32Array;

const deviation = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** A uniform sample's largest of thousands lies just below the bound. */
function expectUniform(sample: Float32Array, bound: number): void {
  const largest = sample.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  expect(largest / bound).toBeLessThanOrEqual(1);
  expect(largest / bound).toBeGreaterThan(0.98);
  expect(deviation(sample) / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
}

describe("initial weights", () => {
  it("of PreActResNet are PyTorch's defaults: U(±1/√fanIn)", async () => {
    const network = preActResNet({ classes: 100, blocks: [1, 1], width: 16, random: random(3) });
    expectUniform(await values(network, "layer1.0.conv2.weight"), 1 / Math.sqrt(16 * 9));
    expectUniform(await values(network, "layer2.0.shortcut.0.weight"), 1 / Math.sqrt(16));
    expectUniform(await values(network, "linear.weight"), 1 / Math.sqrt(32));
    const bias = await values(network, "linear.bias");
    expect(Math.max(...bias.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(32));
    expect(new Set(bias).size).toBeGreaterThan(90);
    disposeNetwork(network);
  });

  it("of WideResNet are N(0, 2/fanOut) for convolutions, 0 for the last bias", async () => {
    const network = wideResNet({ classes: 100, depth: 10, widen: 1, random: random(3) });
    const convolution = await values(network, "block2.layer.0.conv1.weight"); // 16 → 32 channels
    expect(deviation(convolution) / Math.sqrt(2 / (9 * 32))).toBeCloseTo(1, 1);
    const beyondTwoDeviations = convolution.filter((value) => Math.abs(value) > 2 * Math.sqrt(2 / (9 * 32)));
    expect(beyondTwoDeviations.length / convolution.length).toBeCloseTo(0.0455, 2);
    expectUniform(await values(network, "fc.weight"), 1 / Math.sqrt(64));
    expect(new Set(await values(network, "fc.bias"))).toEqual(new Set([0]));
    disposeNetwork(network);
  });

  it("of batch norm are scale 1, offset 0, running mean 0, running variance 1", async () => {
    const network = wideResNet({ classes: 10, depth: 10, widen: 1, random: random(3) });
    for (const [name, variable] of [...network.parameters, ...network.buffers]) {
      if (!/bn\d\./.test(name)) continue;
      const expected = /weight|running_var/.test(name) ? 1 : 0;
      expect(new Set(await variable.data()), name).toEqual(new Set([expected]));
    }
    disposeNetwork(network);
  });

  it("are the same for the same random value, others for another, and no two layers share them", async () => {
    const build = (seed: number) => wideResNet({ classes: 10, depth: 10, widen: 1, random: random(seed) });
    const networks = [build(5), build(5), build(6)] as const;
    const [first, same, other] = await Promise.all(networks.map((n) => values(n, "block1.layer.0.conv1.weight")));
    const sibling = await values(networks[0], "block1.layer.0.conv2.weight");
    expect(first).toEqual(same);
    expect(first).not.toEqual(other);
    expect(first).not.toEqual(sibling);
    networks.forEach(disposeNetwork);
  });
});
