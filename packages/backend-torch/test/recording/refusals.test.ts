import { compileStep, normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch } from "../torch";
import { alive } from "./histories";

onTorch();

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
    what: "a clone of the output kept",
    body: (x, _, memory) => {
      const y = tf.sin(x);
      memory.push(tf.keep(tf.clone(y)));
      return y;
    },
    message: /the output of Sin is kept beyond the step/,
  },
  {
    what: "an input kept",
    body: (x, _, memory) => {
      memory.push(tf.keep(tf.clone(x)));
      return tf.sin(x);
    },
    message: /an input is kept beyond the step/,
  },
  {
    what: "another tensor returned",
    body: (x, call) => [tf.sin(x), tf.cos(x)][call === 3 ? 0 : 1]!,
    message: /the output 0 is another tensor than in the call before/,
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
])("a recorded step with $what throws an error that says so and leaves nothing behind", ({ body, message }) => {
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

test("a step that threw while it was recorded starts over", () => {
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

test("a recorded step whose variable was disposed throws", () => {
  const v = tf.variable(tf.tensor1d([1]));
  const step = compileStep(({ x }: { x: tf.Tensor1D }) => tf.add(x, v));
  const x = tf.tensor1d([1]);
  for (let k = 0; k < 4; k++) step({ x });
  v.dispose();
  expect(() => step({ x })).toThrow(/the variable \S+ has been disposed/);
  step.dispose();
});
