import type { TorchBackend } from "@awp/backend-torch";
import { random, useBackend } from "@awp/core";
import { disposeNetwork, preActResNet18, smallCnn } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { atAwpStep, noiseBatch } from "../src/at-awp-step";
import { stepOperations } from "../src/operations/step-operations";

let obstacle: string | undefined;

beforeAll(async () => {
  try {
    await useBackend("torch");
  } catch (error) {
    obstacle = (error as Error).message.split("\n")[0];
  }
});
beforeEach((context) => {
  if (obstacle !== undefined) context.skip(obstacle);
});

const torch = (): TorchBackend => tf.findBackend("torch") as unknown as TorchBackend;

/** May only fall: what a recorded AT-AWP step of PreActResNet-18 with PGD-10 gives a device to do. */
const golden = 1857;

/** What waits for the device, or asks it for a size: no graph can hold it. */
const refused = /item|_local_scalar_dense|nonzero|masked_select|index\.Tensor|::index$|::equal$|unique/;

test("a recorded AT-AWP step has few operations, and none that a graph cannot hold", { timeout: 300_000 }, () => {
  // The width changes no count, and a narrow one takes seconds.
  const network = preActResNet18({ classes: 10, random: random(0), width: 8 });
  const { parts, total, byOperator } = stepOperations(torch(), network);
  disposeNetwork(network);
  expect(total, JSON.stringify({ parts, byOperator })).toBeLessThanOrEqual(golden);
  expect(parts.reduce((sum, { operations, times }) => sum + operations * times, 0)).toBe(total);
  // The rate, the key and the indices: inputs, which are there before the recording runs.
  expect(byOperator["to a device"]).toBe(3);
  expect(Object.keys(byOperator).filter((name) => refused.test(name))).toEqual([]);
});

test("the step moves the weights as far by the routes of a device as by those of the CPU", () => {
  const weightsAfter = (run: (step: () => void) => void): number[] => {
    const network = smallCnn({ classes: 10, random: random(0) });
    const { images, labels, indices } = noiseBatch(4, 8);
    const step = atAwpStep(network, true);
    run(() => {
      for (let time = 0; time < 4; time++) {
        step({ images, labels, indices }, random(time), { learningRate: 0.1 }).loss.dispose();
      }
    });
    const values = [...network.parameters.values()].flatMap((weight) => Array.from(weight.dataSync()));
    step.dispose();
    disposeNetwork(network);
    tf.dispose([images, labels]);
    return values;
  };
  const onCpu = weightsAfter((step) => step());
  const onDevice = weightsAfter((step) => torch().operations(step));
  expect(onDevice).toEqual(onCpu.map((value) => expect.closeTo(value, 3) as number));
});
