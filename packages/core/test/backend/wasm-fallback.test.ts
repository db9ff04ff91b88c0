import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useBackend } from "../../src";

beforeAll(() => useBackend("wasm"));
afterAll(() => tf.setBackend("cpu"));

const names = (backend: string): string[] => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);

test("every kernel of the cpu backend runs on wasm", () => {
  const wasm = new Set(names("wasm"));
  expect(names("cpu").filter((name) => !wasm.has(name))).toEqual([]);
});

test("a list of tensors goes to the cpu backend and its product comes back", () => {
  const [a, b] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])];
  expect(tf.einsum("ij,jk->ik", a, b).arraySync()).toEqual([[11]]);
});

test("complex numbers are stored, computed with and read", () => {
  const impulse = tf.complex(tf.tensor1d([0, 1, 0, 0]), tf.zeros([4]));
  const spectrum = tf.fft(impulse); // exp(−2πi k / 4): 1, −i, −1, i
  expect(relativeDeviation(spectrum, [1, 0, 0, -1, -1, 0, 0, 1])).toBeLessThan(1e-6);
  expect(relativeDeviation(tf.ifft(spectrum), impulse)).toBeLessThan(1e-6);
  const doubled = tf.add(tf.reshape(spectrum, [2, 2]), tf.reshape(spectrum, [2, 2]));
  expect(relativeDeviation(tf.imag(doubled), [0, -2, 0, 2])).toBeLessThan(1e-6);
  expect(relativeDeviation(tf.abs(doubled), [2, 2, 2, 2])).toBeLessThan(1e-6);
  expect(relativeDeviation(tf.concat([impulse, impulse]), [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0])).toBe(0);
});

test("texts, integers and truths keep their types", () => {
  expect(tf.string.staticRegexReplace(tf.tensor1d(["a1", "b2"]), "[0-9]", "").arraySync()).toEqual(["a", "b"]);
  const bounded = tf.clipByValue(tf.tensor1d([5, -7, 2], "int32"), -3, 3);
  expect([bounded.dtype, bounded.arraySync()]).toEqual(["int32", [3, -3, 2]]);
  const truths = tf.cast(tf.tensor1d([0.5, 0, 256]), "bool");
  expect([truths.dtype, Array.from(truths.dataSync())]).toEqual(["bool", [1, 0, 1]]);
});

test("nothing is left on either side, and the user's own cpu backend is not used", () => {
  const run = (): unknown => tf.tidy(() => tf.real(tf.fft(tf.complex(tf.ones([8]), tf.einsum("i->i", tf.ones([8]))))));
  tf.dispose(run() as tf.Tensor);
  const stored = (): number[] => ["wasm", "cpu"].map((name) => tf.findBackend(name).numDataIds());
  const before = stored();
  expect(run).toAllocate(1);
  expect(stored()).toEqual(before);
  expect(tf.getBackend()).toBe("wasm");
});

test("without the cpu backend's kernel the error says what to import", () => {
  const kernel = tf.getKernel("Einsum", "cpu");
  tf.unregisterKernel("Einsum", "cpu");
  try {
    expect(() => tf.einsum("i->", tf.ones([2]))).toThrow(/Einsum .* wasm, .*import "@tensorflow\/tfjs-backend-cpu"/);
  } finally {
    tf.registerKernel(kernel);
  }
});
