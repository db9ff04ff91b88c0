import { compileStep } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAddon } from "../../src/native";
import { obstacle, onTorch } from "../torch";
import { type Body, history } from "./histories";

onTorch();

const warnings: string[] = [];
const listen = ({ message }: Error) => void warnings.push(message);
const warned = () => new Promise((resolve) => setImmediate(resolve));
const reason = expect.stringMatching(
  /^compileStep: no CUDA graph can be made of a recorded step.*: operation not permitted when stream is capturing$/,
) as string;

beforeEach(() => {
  warnings.length = 0;
  process.on("warning", listen);
});
afterEach(() => {
  process.off("warning", listen);
  if (obstacle() === undefined) loadAddon().replayInPlace(0);
});

const body: Body = ({ x }, [v, w]) => {
  const before = tf.mul(v, w);
  v.assign(tf.add(v, x));
  w.assign(tf.sub(w, tf.mean(v)));
  return [before, x];
};

test("a step of which no graph can be made runs call by call and says why once", async () => {
  loadAddon().replayInPlace(2);
  expect(history(true, body)).toEqual(history(false, body));
  await warned();
  expect(warnings).toEqual([reason]);
});

test("a capture that failed leaves the next step's graph and the variables that they share as they were", async () => {
  const total = tf.variable(tf.scalar(0));
  const counts = [1, 10].map((by) =>
    compileStep(({ x }: { x: tf.Tensor }) => {
      total.assign(tf.add(total, tf.mul(x, by)));
      return tf.clone<tf.Tensor>(total);
    }),
  );
  let expected = 0;
  for (let call = 1; call <= 10; call++) {
    for (const [index, count] of counts.entries()) {
      // Only the first step's capture, in the fourth call, fails.
      loadAddon().replayInPlace(index === 0 && call === 4 ? 2 : 1);
      expected += call * [1, 10][index]!;
      expect(tf.tidy(() => count({ x: tf.scalar(call) }).dataSync()[0])).toBe(expected);
      expect(total.dataSync()[0]).toBe(expected);
    }
  }
  await warned();
  expect(warnings).toEqual([reason]);
  for (const count of counts) count.dispose();
  total.dispose();
});
