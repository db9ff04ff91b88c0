import { compileStep } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch } from "../torch";

onTorch();

interface Misuse {
  readonly what: string;
  readonly move: (x: tf.Tensor, call: number, v: tf.Variable, w: tf.Variable) => tf.Tensor | undefined;
  readonly message: RegExp;
}

test.each<Misuse>([
  {
    what: "another variable is assigned",
    move: (x, call, v, w) => void (call === 3 ? w : v).assign(tf.sin(x)),
    message: /the assignment of \S+ reads another tensor from outside than in the call before/,
  },
  {
    what: "fewer variables are assigned",
    move: (x, call, v, w) => {
      const y = tf.add(tf.add(v, w), x);
      v.assign(y);
      if (call < 3) w.assign(y);
      return undefined;
    },
    message: /the variable \S+ is assigned another tensor than in the call before: every call must assign the same/,
  },
  {
    what: "a variable is assigned another operation's output",
    move: (x, call, v) => void v.assign([tf.sin(x), tf.cos(x)][call === 3 ? 0 : 1]!),
    message: /the variable \S+ is assigned another tensor than in the call before/,
  },
  {
    what: "the value of a variable is kept",
    move: (x, _, v) => {
      const kept = tf.keep(tf.clone<tf.Tensor>(v));
      v.assign(tf.add(v, x));
      return kept;
    },
    message: /the value of a variable is kept beyond the step/,
  },
  {
    what: "a variable is disposed",
    move: (_, call, v) => void (call === 2 && v.dispose()),
    message: /the step disposes the variable \S+/,
  },
])("a recorded step in which $what is an error that says so", ({ move, message }) => {
  const [v, w] = tf.tidy(() => [tf.variable(tf.ones([2])), tf.variable(tf.ones([2]))]) as [tf.Variable, tf.Variable];
  const kept: (tf.Tensor | undefined)[] = [];
  const step = compileStep(({ x }: { x: tf.Tensor }) => {
    kept.push(move(x, kept.length + 1, v, w));
    return tf.neg(x);
  });
  expect(() => {
    for (let k = 0; k < 3; k++) tf.tidy(() => void step({ x: tf.ones([2]) }));
  }).toThrow(message);
  step.dispose();
  tf.dispose([v, w, ...kept.filter((tensor) => tensor !== undefined)]);
});

test("a variable as an input of the step that assigns it is an error that names it", () => {
  const v = tf.variable(tf.ones([2]));
  const step = compileStep(({ x }: { x: tf.Tensor }) => {
    v.assign(tf.add(v, 1));
    return tf.neg(x);
  });
  const other = tf.ones([2]);
  step({ x: v });
  expect(() => step({ x: v })).toThrow(`the step assigns its input, the variable ${v.name}: pass a clone`);
  for (let k = 0; k < 3; k++) step({ x: other });
  expect(() => step({ x: v })).toThrow(`the step assigns its input, the variable ${v.name}`);
  expect(Array.from(step({ x: tf.clone(v) as tf.Tensor }).dataSync())).toEqual(
    Array.from(tf.neg(tf.sub(v, 1)).dataSync()),
  );
  step.dispose();
  v.dispose();
});

test("a variable that another backend holds when a step is watched is an error, and the step starts over", async () => {
  const v = tf.variable(tf.ones([2]));
  const step = compileStep(({ x }: { x: tf.Tensor }) => tf.add(v, x));
  const x = tf.ones([2]);
  step({ x });
  await tf.setBackend("cpu");
  v.assign(tf.fill([2], 5));
  await tf.setBackend("torch");
  expect(() => step({ x })).toThrow("a tensor is fetched from another backend");
  for (let k = 2; k < 7; k++) {
    expect(Array.from(step({ x }).dataSync())).toEqual([k + 4, k + 4]);
    v.assign(tf.fill([2], k + 4));
  }
  step.dispose();
  v.dispose();
});
