import { type Network, random } from "@awp/core";
import { readGolden } from "@awp/testing";
import { expect, it } from "vitest";
import { disposeNetwork, preActResNet18, wideResNet } from "../../src";

interface NetworkGolden {
  readonly parameters: readonly (readonly [string, readonly number[]])[];
}

const torchShape = (shape: readonly number[]): readonly number[] => {
  const [a, b, c, d] = shape;
  return shape.length === 4 ? ([d, c, a, b] as number[]) : [...shape].reverse();
};

it.each<[string, () => Network, number]>([
  ["network_preactresnet18.json", () => preActResNet18({ classes: 10, random: random(0) }), 11_172_170],
  ["network_wideresnet_16_2.json", () => wideResNet({ classes: 10, depth: 16, widen: 2, random: random(0) }), 691_674],
  [
    "network_wideresnet_34_10.json",
    () => wideResNet({ classes: 10, depth: 34, widen: 10, random: random(0) }),
    46_160_474,
  ],
])("names, shapes, order and count of parameters are those of the reference in %s", (file, build, count) => {
  const network = build();
  const parameters = [...network.parameters].map(([name, { shape }]) => [name, torchShape(shape)]);
  expect(parameters).toEqual(readGolden<NetworkGolden>(file).parameters);
  expect([...network.parameters.values()].reduce((sum, { size }) => sum + size, 0)).toBe(count);
  disposeNetwork(network);
});
