import { useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect, test } from "vitest";
import { pixelRoom } from "../../src/dataset/pixel-room";

afterAll(() => useBackend("cpu"));

test.each([
  ["cpu", false],
  ["wasm", true],
] as const)("on %s is the same memory again: %s", async (backend, same) => {
  await useBackend(backend);
  const room = pixelRoom();
  expect(room(6)).toHaveLength(6);
  expect(room(4)).toHaveLength(4);
  expect(room(6).buffer === room(4).buffer).toBe(same);
  expect(pixelRoom()(6).buffer === room(6).buffer).toBe(false);
});

test("is not shared any more when another backend is chosen", async () => {
  await useBackend("wasm");
  const room = pixelRoom();
  const before = room(2);
  await useBackend("cpu");
  const kept = tf.tensor1d(room(2).fill(1));
  room(2).fill(2);
  before.fill(3);
  expect([...kept.dataSync()]).toEqual([1, 1]);
  kept.dispose();
});

test("leaves no tensor", async () => {
  await useBackend("wasm");
  expect(() => void pixelRoom()(2)).toAllocate(0);
});
