import { type Attack, random } from "@awp/core";
import { registerTensorflowStandIn } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fab, square, towardsRank } from "../src/index";
import { toyImages, toyLabels, toys } from "./toy-problem";

beforeAll(() => registerTensorflowStandIn());
afterAll(() => tf.removeBackend("tensorflow"));

const attacks: Readonly<Record<string, Attack>> = Object.fromEntries(
  (["linf", "l2", "l1"] as const).flatMap((norm): [string, Attack][] => [
    [`fab ${norm}`, fab({ norm, epsilon: 0.3, steps: 2, restarts: 2 })],
    [`fab-t ${norm}`, fab({ norm, epsilon: 0.3, steps: 2, goal: towardsRank(2) })],
    [`square ${norm}`, square({ norm, epsilon: 0.3, queries: 4 })],
  ]),
);

it.each(Object.entries(attacks))("%s asks only for kernels that tfjs-node-gpu has", async (_name, attack) => {
  const images = (): Float32Array =>
    tf.tidy(() => attack(toys["linear"]!(), toyImages(3), toyLabels(3), random(1)).dataSync() as Float32Array).slice();
  await tf.setBackend("cpu");
  const expected = images();
  await tf.setBackend("tensorflow");
  try {
    expect(images()).toEqual(expected);
  } finally {
    await tf.setBackend("cpu");
  }
});
