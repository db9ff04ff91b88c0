import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TorchData } from "../src/data";
import { loadAddon } from "../src/native";
import { onTorch, torch } from "./torch";

onTorch();

const runKernel = (name: string, inputs: Record<string, tf.Tensor>, attributes: object = {}) =>
  tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap);

test("a kernel's error over a shape that does not fit names the kernel and the shapes", () => {
  const [a, b] = [tf.ones([2, 3]), tf.ones([2, 3])];
  expect(() => runKernel("BatchMatMul", { a, b }, { transposeA: false, transposeB: false })).toThrow(
    /^BatchMatMul: .*Float\[2, 3\], Float\[2, 3\]/,
  );
  expect(() => runKernel("Add", { a: tf.ones([2]), b: tf.ones([3]) })).toThrow(/^Add: .*Float\[2\], Float\[3\]/);
});

test("a disposed tensor as a kernel's input is an error", () => {
  const x = tf.ones([2]);
  const { dataId } = x;
  x.dispose();
  expect(() => torch().run("Exp", [{ dataId, shape: [2], dtype: "float32" }])).toThrow("disposed");
  expect(() => torch().readSync(dataId)).toThrow("disposed");
});

test.each([-1, -2, 12345678, 2 ** 31 - 1, -(2 ** 31)])("handle %i, which no tensor has, is an error", (handle) => {
  const data = new TorchData();
  data.handle = handle;
  const run = () => torch().run("Exp", [{ dataId: data, shape: [2], dtype: "float32" }]);
  expect(run).toThrow(handle === -1 ? "disposed" : `no tensor has the handle ${handle}`);
  expect(() => loadAddon().read(handle)).toThrow("no tensor has the handle");
  expect(() => loadAddon().release(handle)).toThrow("no tensor has the handle");
});

test("a data id under a shape of another size is an error", () => {
  const { dataId } = tf.ones([4]);
  expect(() => torch().run("Exp", [{ dataId, shape: [5], dtype: "float32" }])).toThrow(/^Exp: .*invalid for input/);
});

test("a kernel that wants more memory than there is throws, and the next call works", () => {
  expect(() => tf.fill([2 ** 15, 2 ** 15, 2 ** 15], 1)).toThrow(/^Fill: .*(memory|alloc)/);
  expect(tf.fill([2], 1).dataSync()).toEqual(new Float32Array([1, 1]));
});

test("the addon throws at arguments of another type than it wants", () => {
  const addon = loadAddon() as unknown as Record<string, (...values: unknown[]) => unknown>;
  for (const name of ["attach", "create", "read", "release", "run"]) {
    for (const value of [undefined, null, "1", {}, [1], new Float64Array(1)]) {
      expect(() => addon[name]?.(value), name).toThrow();
    }
  }
  expect(() => addon["run"]?.(-1, 0, 0)).toThrow("no kernel has the index -1");
  expect(() => addon["run"]?.(0, 2 ** 30, 0)).toThrow("more arguments than there is room for");
});

/** A kernel returns or throws, whatever it is sent. */
test("no kernel crashes on random inputs and attributes", () => {
  const backend = torch();
  const size = fc.integer({ min: 0, max: 4 });
  const tensor = fc.record({
    shape: fc.array(size, { maxLength: 5 }),
    dtype: fc.constantFrom("float32", "int32", "bool" as const),
  });
  const integers = fc.oneof(
    fc.array(fc.integer({ min: -3, max: 6 }), { maxLength: 24 }),
    // A window with its sizes, which a pure chance would seldom meet.
    fc
      .tuple(
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 8, maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 4 }),
      )
      .map(([window, sizes]) => [8, ...window, sizes.length, ...sizes, 0]),
  );
  const numbers = fc.array(fc.double({ min: -10, max: 10 }), { maxLength: 3 });
  const image = fc.record({ shape: fc.tuple(size, size, size, size), dtype: fc.constant("float32" as const) });
  const inputs = fc.oneof(fc.array(tensor, { maxLength: 5 }), fc.array(image, { minLength: 1, maxLength: 5 }));
  const kernels = fc.constantFrom(...loadAddon().kernels);
  let ran = 0;
  fc.assert(
    fc.property(kernels, inputs, integers, numbers, (name, descriptions, words, reals) => {
      tf.tidy(() => {
        const tensors = descriptions.map(({ shape, dtype }) => tf.ones(shape, dtype as "float32"));
        try {
          for (const { dataId } of backend.run(name, tensors, words, reals)) backend.disposeData(dataId);
          ran++;
        } catch (error) {
          expect((error as Error).message).toMatch(new RegExp(`^${name}: `));
        }
      });
    }),
    { numRuns: 50_000, interruptAfterTimeLimit: 30_000 },
  );
  expect(ran).toBeGreaterThan(500);
});
