import { compileStep } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect } from "vitest";
import { loadAddon } from "../../src/native";
import { obstacle, torch } from "../torch";

export const calls: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** What a step makes of its input and of two variables: its outputs. */
export type Body = (inputs: { x: tf.Tensor1D }, variables: readonly [tf.Variable, tf.Variable]) => readonly tf.Tensor[];

/** What the caller does after a call; returns what it holds from then on. */
export type Between = (call: number, variables: readonly [tf.Variable, tf.Variable]) => readonly tf.Tensor[];

/** Runs the tests once with variables that are given new tensors, and once with ones that are overwritten. */
export function movingVariables(tests: (inPlace: boolean) => void): void {
  describe("variables that are given new tensors", () => tests(false));
  describe("variables that are moved in place, as on CUDA", () => {
    const available = obstacle() === undefined;
    beforeEach(() => {
      if (available) loadAddon().replayInPlace(1);
    });
    afterEach(() => {
      if (available) loadAddon().replayInPlace(0);
    });
    tests(true);
  });
}

/** Everything that is alive: tfjs's tensors and native ones. */
export function alive(): { tensors: number; native: number; bytes: number } {
  const { tensors: native, bytes } = torch().stats();
  return { tensors: tf.memory().numTensors, native, bytes };
}

/**
 * What the body's outputs and the variables hold after each call, compiled or as it is, and what the caller held at the
 * end; nothing may stay behind.
 */
export function history(
  compiled: boolean,
  body: Body,
  between: Between = () => [],
  shape: readonly number[] = [3],
): number[][][] {
  const before = alive();
  const variables = [0.1, 0.2].map((start) => variableFrom(start, shape)) as [tf.Variable, tf.Variable];
  const kept: tf.Tensor[] = [];
  const eager = (inputs: { x: tf.Tensor1D }) => body(inputs, variables);
  const step = compileStep(eager);
  const values: number[][][] = [];
  for (const call of calls) {
    tf.tidy(() => {
      const x = tf.tensor1d([call, call / 7, -call]);
      const outputs = compiled ? step({ x }) : eager({ x });
      values.push([...outputs, ...variables].map(numbersOf));
      kept.push(...between(call, variables).map((tensor) => tf.keep(tensor)));
    });
  }
  values.push(kept.map(numbersOf));
  step.dispose();
  tf.dispose([...variables, ...kept]);
  expect(alive()).toEqual(before);
  return values;
}

function variableFrom(start: number, shape: readonly number[]): tf.Variable {
  const values = Array.from(
    { length: tf.util.sizeFromShape([...shape]) },
    (_, i) => start * (i % 2 === 0 ? 1 + i : -i),
  );
  return tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
}

function numbersOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}
