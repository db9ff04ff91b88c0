import { type Images, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { disposeNetwork, preActResNet } from "../../src";

it("a forward pass for inference needs no more memory for more blocks", async () => {
  const peak = async (count: number): Promise<number> => {
    const network = preActResNet({ classes: 3, blocks: [count], width: 8, random: random(1) });
    const x: Images = tf.zeros([4, 8, 8, 3]);
    const before = tf.memory().numBytes;
    const { peakBytes } = await tf.profile(() => network.forward(x, "eval"));
    disposeNetwork(network);
    return peakBytes - before;
  };
  expect(await peak(6)).toBe(await peak(2));
});
