import { compileStep, normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { setPrecision } from "../../src";
import { loadAddon } from "../../src/native";
import { onTorch } from "../torch";
import { type Body, history, movingVariables } from "./histories";

onTorch();
afterEach(() => setPrecision({}));

test.each([
  ["float32", 0],
  ["bfloat16", 0],
  ["bfloat16", 1],
] as const)("a packed filter in %s is packed again when a replay (in place: %i) moves it", (storage, inPlace) => {
  setPrecision({ storage });
  loadAddon().replayInPlace(inPlace);
  onTestFinished(() => loadAddon().replayInPlace(0));
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
});

const filter = [2, 2, 2, 2];
const image = (): tf.Tensor4D => normal(random(1), [1, 3, 3, 2]) as tf.Tensor4D;
const convolve = (w: tf.Tensor): tf.Tensor => tf.conv2d(image(), w as tf.Tensor4D, 1, "same");

/** What a step assigns to a filter that a convolution has laid out in its own order just before. */
const values: Record<string, (w: tf.Tensor, other: tf.Tensor) => tf.Tensor> = {
  "its clipped value": (w) => tf.clipByValue(tf.mul(w, 0.9), -1, 1),
  "its scaled value": (w) => tf.mul(w, 0.9),
  "its transpose": (w) => tf.transpose(w),
  "its reverse": (w) => tf.reverse(w, 3),
  "a clone of another": (_, other) => tf.clone(other),
  "a part of a concatenation": (w, other) => tf.split(tf.concat([other, w], 2), 2, 2)[0]!,
  "a part of a stack": (w, other) => tf.unstack(tf.stack([w, other], 4), 4)[1]!,
  "a choice of two": (w, other) => tf.where(tf.greater(w, 0), w, other),
  "a step down its gradient": (w) => tf.sub(w, tf.grad((f: tf.Tensor) => tf.sum(tf.square(convolve(f))))(w)),
  "a convolution": (w) => tf.reshape(tf.slice(tf.tanh(convolve(w)), [0, 0, 0, 0], [1, 2, 2, 2]), [8]),
};

const readers: [string, (w: tf.Tensor) => tf.Tensor][] = [
  ["summed", (w) => tf.sum(w)],
  ["convolved", convolve],
];
const cases = Object.keys(values).flatMap((name) => readers.map(([reader, read]) => ({ name, reader, read })));

movingVariables(() => {
  test.each(cases)("a filter that is convolved, assigned $name and then $reader is moved", ({ name, read }) => {
    const body: Body = ({ x }, [v, w]) => {
      const before = convolve(v);
      const next = values[name]!(v, w);
      v.assign(next.size === v.size ? next : tf.reshape(tf.concat([next, next]), filter));
      w.assign(tf.mul(w, tf.mean(tf.cos(x))));
      return [before, read(v)];
    };
    const [compiled, eager] = [true, false].map((flag) => history(flag, body, undefined, filter).flat(2));
    // In place the order of the elements may differ, and with it torch's rounding.
    expect(compiled).toEqual(eager!.map((number) => expect.closeTo(number, 5) as number));
  });
});
