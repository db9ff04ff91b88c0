import fc from "fast-check";
import { expect, test } from "vitest";
import { loadAddon } from "../../src/native";
import { onTorch, torch } from "../torch";

onTorch();

test("a recorded program with any words changed runs or throws, and never crashes the process", () => {
  const addon = loadAddon();
  const x = torch().makeTensorInfo([3], "float32", Float32Array.of(1, 2, 3));
  const v = torch().makeTensorInfo([3], "float32", Float32Array.of(4, 5, 6));
  const [handle, moved] = [x, v].map((info) => torch().nativeData(info).handle) as [number, number];
  const kernel = addon.kernels.indexOf("Add");
  const add = [2, 0, 1, 3, 1, 1, 3];
  // Registers, inputs, variables, constants, outputs, updates; a sum, a drop.
  const whole = [5, 1, 0, 1, 3, 1, 1, handle, 1, 2, 1, 0, 2, 0, kernel, 1, 2, add.length, ...add, 0, 1, 1];
  const replay = (words: readonly number[]) => {
    const id = addon.program(Int32Array.from(words), new Float64Array(2));
    try {
      const outputs = addon.replay(id, Int32Array.of(handle), Int32Array.of(moved));
      expect(outputs).toBeGreaterThanOrEqual(0);
    } finally {
      addon.forget(id);
    }
  };
  expect(() => replay(whole)).not.toThrow();
  const change = fc.tuple(fc.nat(whole.length - 1), fc.oneof(fc.integer({ min: -3, max: 9 }), fc.integer()));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
      const words = [...whole];
      for (const [at, value] of changes) words[at] = value;
      try {
        replay(words);
      } catch (error) {
        expect((error as { code?: string }).code).toBe("ERR_TORCH");
      }
    }),
    { numRuns: 3000 },
  );
  expect(() => addon.replay(1e6, new Int32Array(), new Int32Array())).toThrow(
    "no recorded step has the number 1000000",
  );
  for (const info of [x, v]) torch().disposeIntermediateTensorInfo(info);
});
