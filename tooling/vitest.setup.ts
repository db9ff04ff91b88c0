import "@tensorflow/tfjs-layers"; // registers the gradients
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type BackendName, useBackend } from "../packages/core/src/backend/use-backend";

declare module "vitest" {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the declaration that it merges with
  interface Matchers<T = any> {
    /** Runs the function and asserts that exactly `count` more tensors are alive then; disposes those it returned. */
    toAllocate(count: number): T;
    /** {@link toAllocate} for a function that returns a promise. */
    toAllocateAsync(count: number): Promise<T>;
  }
}

const methods = ["debug", "error", "info", "log", "warn"] as const;
const original = { ...console };
const banner = "Hi, looks like you are running TensorFlow.js in Node.js";

let tensors = 0;
let printed: string[] = [];

/** The backend that tests run on unless they choose: plain JavaScript, or `AWP_TEST_BACKEND`, to hold another to the same tests. */
beforeAll(async () => {
  const backend = process.env["AWP_TEST_BACKEND"];
  if (backend === undefined) await tf.setBackend("cpu");
  else await useBackend(backend as BackendName);
});

/** Every test runs in an engine scope, leaves no kept tensor and no variable behind, and prints only through a spy of its own. */
beforeEach(() => {
  printed = [];
  for (const method of methods) {
    console[method] = (...values: unknown[]) => {
      const line = values.map(String).join(" ");
      if (!line.includes(banner)) printed.push(line);
    };
  }
  tensors = tf.memory().numTensors;
  tf.engine().startScope();
});

afterEach(() => {
  tf.engine().endScope();
  Object.assign(console, original);
  expect(printed, "printed to the console: spy on it (vi.spyOn) if that is meant").toEqual([]);
  expect(tf.memory().numTensors, "tensors left behind (kept, or variables not disposed)").toBe(tensors);
});

expect.extend({
  toAllocate(received: () => unknown, count: number) {
    const before = tf.memory().numTensors;
    return allocation(received(), before, count);
  },
  async toAllocateAsync(received: () => Promise<unknown>, count: number) {
    const before = tf.memory().numTensors;
    return allocation(await received(), before, count);
  },
});

function allocation(result: unknown, before: number, count: number): { pass: boolean; message: () => string } {
  const allocated = tf.memory().numTensors - before;
  tf.dispose(tensorsIn(result));
  return {
    pass: allocated === count,
    message: () => `expected ${count} new tensors, got ${allocated}`,
  };
}

/** The tensors inside a value: itself, elements, map entries or fields of plain objects, at any depth. */
function tensorsIn(value: unknown): tf.Tensor[] {
  if (typeof value !== "object" || value === null) return [];
  if ("dataId" in value && value instanceof tf.Tensor) return [value as tf.Tensor];
  const plain = Object.getPrototypeOf(value) === Object.prototype;
  const many = value instanceof Map || value instanceof Set || Array.isArray(value);
  const parts: unknown[] = many ? [...value.values()] : plain ? Object.values(value) : [];
  return parts.flatMap(tensorsIn);
}
