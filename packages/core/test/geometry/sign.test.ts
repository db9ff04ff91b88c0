import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect, test } from "vitest";
import { useBackend } from "../../src";
import { sign } from "../../src/authoring";

afterAll(() => tf.setBackend("cpu"));

test.each(["cpu", "wasm"] as const)("sign on %s is that of tiny entries too", async (backend) => {
  await useBackend(backend);
  const x = tf.tensor1d([1e-30, -1e-30, 1e-8, -1e-8, 0, 1, -3e38]);
  expect([...sign(x).dataSync()]).toEqual([1, -1, 1, -1, 0, 1, -1]);
  expect(() => sign(x)).toAllocate(1);
});
