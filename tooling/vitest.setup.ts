import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";

/** Every test runs in an engine scope and must leave no kept tensor and no variable behind. */
let tensors = 0;

beforeAll(async () => {
  if (tf.getBackend() === undefined || tf.getBackend() === "cpu") await tf.setBackend("cpu");
});

beforeEach(() => {
  tensors = tf.memory().numTensors;
  tf.engine().startScope();
});

afterEach(() => {
  tf.engine().endScope();
  expect(tf.memory().numTensors, "tensors left behind (kept, or variables not disposed)").toBe(tensors);
});
