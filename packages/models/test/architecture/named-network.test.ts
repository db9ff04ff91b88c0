import { random } from "@awp/core";
import { describe, expect, test } from "vitest";
import { disposeNetwork, networkNamed } from "../../src";

/** Names of weights that only networks of this kind have. */
const marks: readonly (readonly [name: string, parameter: string])[] = [
  ["small-cnn", "conv3.weight"],
  ["wideresnet-10-1", "block3.layer.0.convShortcut.weight"],
  ["dm-wideresnet-10-1", "layer.2.block.0.shortcut.weight"],
  ["dm-preactresnet-18", "layer_3.1.conv_2d_2.weight"],
  ["resnet-18", "layer4.0.shortcut.1.weight"],
];

describe("networkNamed", () => {
  test.each(marks)("makes %s of the options", (name, parameter) => {
    const network = networkNamed(name)({ classes: 3, channels: 1, random: random(0) });
    expect(network.parameters.has(parameter)).toBe(true);
    expect([...network.parameters.values()].at(-1)?.shape).toEqual([3]);
    disposeNetwork(network);
  });

  test.each(["resnet-19", "wideresnet-34", "dm-wideresnet", "constructor", "toString-1-1", ""])(
    "refuses %s",
    (name) => {
      expect(() => networkNamed(name)).toThrow(`model: got ${JSON.stringify(name)}, want small-cnn`);
    },
  );
});
