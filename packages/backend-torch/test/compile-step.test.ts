import { compileStep, normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { setPrecision } from "../src";
import { loadAddon } from "../src/native";
import { onTorch, torch } from "./torch";

onTorch();
afterEach(() => setPrecision({}));

const calls = [1, 2, 3, 4, 5, 6, 7];

/** Everything that is alive: tfjs's tensors and native ones. */
function alive(): { tensors: number; native: number; bytes: number } {
  const { tensors: native, bytes } = torch().stats();
  return { tensors: tf.memory().numTensors, native, bytes };
}

type Values = number[][];

/** What the body's outputs and the variables hold after each call, eager or compiled; nothing may stay behind. */
function history(
  compiled: boolean,
  body: (inputs: { x: tf.Tensor1D }, variables: readonly tf.Variable[]) => readonly tf.Tensor[],
  between: (call: number, variables: readonly tf.Variable[]) => tf.Tensor[] = () => [],
): Values[] {
  const before = alive();
  const variables = tf.tidy(() => [0.1, 0.2].map((start) => tf.variable(tf.tensor1d([start, -start, 3 * start]))));
  const kept: tf.Tensor[] = [];
  const eager = (inputs: { x: tf.Tensor1D }) => body(inputs, variables);
  const step = compileStep(eager);
  const values = calls.map((call) =>
    tf.tidy(() => {
      const x = tf.tensor1d([call, call / 7, -call]);
      const outputs = compiled ? step({ x }) : eager({ x });
      const held = [...outputs, ...variables].map((tensor) => Array.from(tensor.dataSync()));
      kept.push(...between(call, variables).map((tensor) => tf.keep(tensor)));
      return held as unknown as tf.Tensor;
    }),
  ) as unknown as Values[];
  values.push(kept.map((tensor) => Array.from(tensor.dataSync())));
  step.dispose();
  tf.dispose([...variables, ...kept]);
  expect(alive()).toEqual(before);
  return values;
}

test.each<[string, Parameters<typeof history>[1]]>([
  ["moves a variable", ({ x }, [v]) => [step(v!, x)]],
  ["answers with the value before", ({ x }, [v]) => [tf.clone(v!), step(v!, x)]],
  ["answers with the variable itself, twice", ({ x }, [v]) => [(step(v!, x), v!), v!]],
  ["moves a variable twice, and back in between", moveAndRestore],
  ["swaps two variables", ({ x }, [v, w]) => [step(v!, x), swap(v!, w!)]],
  ["lets two variables share a value", ({ x }, [v, w]) => [step(v!, x), (w!.assign(v!), tf.add(w!, x))]],
  ["assigns an input", ({ x }, [v, w]) => [tf.add(v!, 1), (v!.assign(x), w!.assign(x), x)]],
  ["transposes without moving an element", ({ x }, [v]) => [rowOf(v!), step(v!, x)]],
  ["reads the old value when the new one is made", ({ x }, [v]) => readsLate(v!, tf.add(v!, x))],
  ["assigns what it never read", ({ x }, [v]) => [(v!.assign(tf.mul(x, 2)), x)]],
  ["draws noise from a constant", ({ x }, [v]) => [tf.mul(x, normal(random(3), [3])), step(v!, x)]],
])("a step that %s replays as it runs", (_, body) => {
  expect(history(true, body)).toEqual(history(false, body));
});

function step(variable: tf.Variable, x: tf.Tensor): tf.Tensor {
  variable.assign(tf.add(tf.mul(variable, 0.9), tf.sin(x)));
  return tf.sum(variable);
}

function moveAndRestore({ x }: { x: tf.Tensor1D }, [v]: readonly tf.Variable[]): tf.Tensor[] {
  const snapshot = tf.clone(v!);
  v!.assign(tf.add(v!, x));
  const loss = tf.sum(tf.square(v!));
  v!.assign(snapshot);
  return [loss, step(v!, loss), step(v!, x)];
}

function swap(v: tf.Variable, w: tf.Variable): tf.Tensor {
  const first = tf.clone<tf.Tensor>(v);
  v.assign(w);
  w.assign(first);
  return tf.sub(v, w);
}

function readsLate(v: tf.Variable, next: tf.Tensor): tf.Tensor[] {
  const twice = tf.mul(v, 2);
  v.assign(next);
  return [twice, tf.square(v)];
}

/** On the native side the same storage, were it not copied. */
function rowOf(v: tf.Variable): tf.Tensor {
  return tf.transpose(tf.reshape(v, [3, 1]));
}

test("variables may be assigned between calls, and what others hold stays", () => {
  const body: Parameters<typeof history>[1] = ({ x }, [v, w]) => [step(v!, x), tf.mul(w!, v!)];
  const between: Parameters<typeof history>[2] = (call, [v, w]) => {
    if (call % 2 === 0) w!.assign(tf.fill([3], call));
    if (call === 5) v!.assign(w!);
    return [tf.clone(v!), tf.clone(w!)];
  };
  expect(history(true, body, between)).toEqual(history(false, body, between));
});

test("two recordings of one step share the variables", () => {
  const total = tf.variable(tf.zeros([1]));
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => {
    total.assign(tf.add(total, tf.sum(x)));
    return tf.clone(total);
  });
  const native: number[] = [];
  let expected = 0;
  for (let call = 1; call <= 12; call++) {
    const x = tf.fill([(call % 2) + 1], call) as tf.Tensor1D;
    expected += call * ((call % 2) + 1);
    const output = step({ x });
    expect(output.dataSync()[0]).toBe(expected);
    tf.dispose([x, output]);
    native.push(torch().stats().tensors);
  }
  expect(native.at(-1)).toBe(native.at(-3));
  step.dispose();
  expect(total.dataSync()[0]).toBe(expected);
  total.dispose();
});

test("recordings are bounded", () => {
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.mul(x, 2));
  const native = Array.from({ length: 20 }, (_, size) => {
    for (let call = 0; call < 4; call++) tf.tidy(() => void step({ x: tf.ones([size + 1]) }));
    return torch().stats().tensors;
  });
  expect(native.at(-1)).toBe(native[8]);
  step.dispose();
});

test("a recorded step inside another is a part of it", () => {
  const inner = compileStep(({ x }: { x: tf.Tensor1D }) => tf.square(x));
  const outer = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(inner({ x }), 1));
  const values = calls.map((call) => tf.tidy(() => outer({ x: tf.tensor1d([call]) }).dataSync()[0]));
  expect(values).toEqual(calls.map((call) => call * call + 1));
  inner.dispose();
  outer.dispose();
});

test("a closed-over tensor stays what it was, also when its owner frees it", () => {
  const outside = tf.tensor1d([1, 2, 3]);
  const before = torch().stats();
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(x, outside));
  const values = calls.map((call) =>
    tf.tidy(() => {
      if (call === 5) outside.dispose();
      return Array.from(step({ x: tf.tensor1d([call, 0, 0]) }).dataSync()) as unknown as tf.Tensor;
    }),
  );
  expect(values).toEqual(calls.map((call) => [call + 1, 2, 3]));
  step.dispose();
  expect(torch().stats()).toEqual({ ...before, tensors: before.tensors - 1, bytes: before.bytes - 12 });
});

test("equal constants are kept once", () => {
  const x = tf.tensor1d([1, 2, 3]);
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => {
    let sum: tf.Tensor = x;
    for (let k = 0; k < 20; k++) sum = tf.add(tf.mul(sum, tf.scalar(0.5)), tf.ones([3]));
    return tf.cast(tf.add(sum, tf.tensor1d([1, 1, 1], "int32")), "int32");
  });
  const before = torch().stats();
  const values = calls.map(() => tf.tidy(() => Array.from(step({ x }).dataSync()) as unknown as tf.Tensor));
  expect(values).toEqual(calls.map(() => [3, 3, 3]).map(() => values[0]));
  // A half, ones in float32 and in int32.
  const after = torch().stats();
  expect(after.tensors - before.tensors).toBe(3);
  step.dispose();
  expect(torch().stats()).toEqual(before);
});

interface Fault {
  readonly what: string;
  readonly body: (x: tf.Tensor1D, call: number, memory: tf.Tensor[]) => tf.Tensor;
  readonly message: RegExp;
}

test.each<Fault>([
  {
    what: "another number",
    body: (x, call) => tf.leakyRelu(x, call / 10),
    message: /LeakyRelu is given 0\.3 where it was 0\.2 before: what changes between calls must be a tensor/,
  },
  {
    what: "another integer",
    body: (x, call) => tf.tile(x, [call]),
    message: /Tile is given 3 where it was 2 before/,
  },
  {
    what: "another scalar from the host",
    body: (x, call) => tf.mul(x, tf.scalar(call)),
    message: /tensor of shape \[\] made from host data holds 3 where it held 2 in the call before/,
  },
  {
    what: "another draw of a key on the host",
    body: (x, call) => tf.mul(x, normal(random(call), [3])),
    message: /tensor of shape \[2\] made from host data holds 3 where it held 2/,
  },
  {
    what: "another draw of a stream",
    body: (x, call) => tf.mul(x, normal(random(1).fold(call), [3])),
    message: /PhiloxNormal is given -?\d+ where it was -?\d+ before/,
  },
  {
    what: "another kernel",
    body: (x, call) => (call === 3 ? tf.sin(x) : tf.cos(x)),
    message: /Sin where the call before ran Cos: every call must run the same operations/,
  },
  {
    what: "fewer kernels",
    body: (x, call) => (call === 3 ? tf.sin(x) : tf.cos(tf.sin(x))),
    message: /the step ran 2 kernels in the call before, now 1/,
  },
  {
    what: "dataSync",
    body: (x) => tf.mul(x, tf.sum(x).dataSync()[0]!),
    message: /a tensor is read back \(dataSync, data, array\)/,
  },
  {
    what: "data, whose promise nobody awaits",
    body: (x) => {
      tf.sum(x)
        .data()
        .catch(() => undefined);
      return tf.sin(x);
    },
    message: /a tensor is read back/,
  },
  {
    what: "a kernel in JavaScript",
    body: (x) => tf.image.resizeBilinear(tf.reshape(x, [1, 3, 1]) as tf.Tensor3D, [6, 1]),
    message: /ResizeBilinear runs in JavaScript on these tensors/,
  },
  {
    what: "a tensor kept",
    body: (x, _, memory) => {
      memory.push(tf.keep(tf.sin(x)));
      return tf.cos(x);
    },
    message: /the output of Sin is kept beyond the step: return it, or assign it to a variable made outside/,
  },
  {
    what: "a new variable",
    body: (x, _, memory) => {
      memory.push(tf.variable(x));
      return tf.cos(x);
    },
    message: /the step makes the variable \S+: make it outside/,
  },
  {
    what: "another tensor from outside",
    body: (x, call, memory) => tf.add(x, memory[call]!),
    message: /Add reads another tensor from outside than in the call before/,
  },
  {
    what: "an error of its own",
    body: (x, call) => {
      const y = tf.sin(x);
      if (call === 3) throw new Error("of its own");
      return y;
    },
    message: /^of its own$/,
  },
])("$what is an error that says so and leaves nothing behind", ({ body, message }) => {
  const memory = [0, 1, 2, 3, 4].map((value) => tf.tensor1d([value, 0, 0]));
  const outside = memory.length;
  const before = alive();
  let call = 0;
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => body(x, ++call, memory));
  expect(() => {
    for (let k = 0; k < 4; k++) tf.tidy(() => void step({ x: tf.tensor1d([1, 2, 3]) }));
  }).toThrow(message);
  tf.dispose(memory.splice(outside));
  expect(alive()).toEqual(before);
  step.dispose();
  tf.dispose(memory);
});

test("after an error the step starts over", () => {
  let call = 0;
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.leakyRelu(x, ++call === 3 ? 0.3 : 0.2));
  const x = tf.tensor1d([-1]);
  const run = () => step({ x }).dataSync()[0];
  expect([run(), run()]).toEqual([Math.fround(-0.2), Math.fround(-0.2)]);
  expect(run).toThrow("LeakyRelu");
  for (let k = 0; k < 5; k++) expect(run()).toBe(Math.fround(-0.2));
  // Six runs of the body: what is recorded runs no more.
  expect(call).toBe(6);
  step.dispose();
});

test("a variable that is disposed is missed", () => {
  const v = tf.variable(tf.tensor1d([1]));
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(x, v));
  const x = tf.tensor1d([1]);
  for (let k = 0; k < 4; k++) step({ x });
  v.dispose();
  expect(() => step({ x })).toThrow(/the variable \S+ has been disposed/);
  step.dispose();
});

test.each(["float32", "bfloat16"] as const)(
  "a packed filter in %s is packed again when a replay moves it",
  (storage) => {
    setPrecision({ storage });
    const images = normal(random(1), [1, 4, 4, 2]) as tf.Tensor4D;
    const initial = normal(random(2), [2, 2, 2, 3]);
    const run = (compiled: boolean) => {
      const filter = tf.variable(initial);
      const convolved = () => tf.conv2d(images, filter as tf.Tensor4D, 1, "same");
      const body = ({ x }: { x: tf.Tensor1D }) => {
        const before = convolved();
        filter.assign(tf.mul(filter, x));
        return [before, convolved()];
      };
      const step = compileStep(body);
      const values = [0.5, 0.7, 0.9, 1.1, 1.3, 1.5].map((factor) => {
        const x = tf.tensor1d([factor]);
        const outputs = compiled ? step({ x }) : body({ x });
        return [...outputs, convolved()].map((tensor) => Array.from(tensor.dataSync()));
      });
      step.dispose();
      filter.dispose();
      return values;
    };
    expect(run(true)).toEqual(run(false));
  },
);

test("no program crashes the process", () => {
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
