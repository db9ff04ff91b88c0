import { normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { onTorch } from "../torch";
import { along, type Route, routes } from "./routes";

onTorch();

type Rows = readonly (readonly number[])[];

function loss(route: Route, rows: Rows, labels: readonly number[]): number[] {
  const inputs = { logits: tensor(rows), labels: tf.tensor1d([...labels], "int32") };
  return along(route, () => Array.from(tf.engine().runKernel<tf.Tensor>("SparseCrossEntropy", inputs, {}).dataSync()));
}

function gradient(route: Route, rows: Rows, labels: readonly number[], dy: readonly number[]): number[] {
  const inputs = { dy: tf.tensor1d([...dy]), logits: tensor(rows), labels: tf.tensor1d([...labels], "int32") };
  return along(route, () =>
    Array.from(tf.engine().runKernel<tf.Tensor>("SparseCrossEntropyGrad", inputs, {}).dataSync()),
  );
}

const tensor = (rows: Rows): tf.Tensor => tf.tensor2d(rows.flat(), [rows.length, rows[0]?.length ?? 0]);

/** log Σ e^z, in double. */
function logSumExp(row: readonly number[]): number {
  const largest = Math.max(...row);
  return largest + Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

function draw(rows: number, classes: number, spread: number): number[][] {
  const values = tf.tidy(() => Array.from(tf.mul(normal(random(1), [rows, classes]), spread).dataSync()));
  return Array.from({ length: rows }, (_, row) => values.slice(row * classes, (row + 1) * classes));
}

describe.each(routes)("on the %s route", (route) => {
  test.each([
    { rows: 5, classes: 4, spread: 1 },
    { rows: 1, classes: 1, spread: 1 },
    { rows: 130, classes: 10, spread: 30 },
    { rows: 3, classes: 1000, spread: 4 },
  ])(
    "cross-entropy of $rows rows of $classes classes is log Σ e^z − z_y, and its gradient",
    ({ rows, classes, spread }) => {
      const logits = draw(rows, classes, spread);
      const labels = logits.map((_, row) => (row * 7) % classes);
      const wanted = logits.map((row, i) => logSumExp(row) - row[labels[i]!]!);
      expect(loss(route, logits, labels)).toEqual(wanted.map((value) => expect.closeTo(value, 4) as number));
      const dy = logits.map((_, row) => 1 - 0.3 * row);
      const slopes = logits.flatMap((row, i) =>
        row.map((value, c) => dy[i]! * (Math.exp(value - logSumExp(row)) - (c === labels[i] ? 1 : 0))),
      );
      expect(gradient(route, logits, labels, dy)).toEqual(slopes.map((value) => expect.closeTo(value, 4) as number));
    },
  );

  test("a label out of range is no class", () => {
    const logits = [
      [1, 1],
      [1, 1],
      [1, 1],
    ];
    const labels = [-1, 2, 2 ** 31 - 1];
    expect(loss(route, logits, labels)).toEqual([0, 0, 0]);
    expect(gradient(route, logits, labels, [1, 2, 4])).toEqual([0.5, 0.5, 1, 1, 2, 2]);
  });

  test("logits of any size give a finite loss, and NaN gives NaN in its own row", () => {
    expect(
      loss(
        route,
        [
          [1e30, -1e30],
          [Number.NaN, 0],
          [0, 0],
        ],
        [0, 1, 1],
      ),
    ).toEqual([0, Number.NaN, expect.closeTo(Math.LN2, 6)]);
  });

  test("no rows have no losses", () => {
    const inputs = { logits: tf.zeros([0, 3]), labels: tf.zeros([0], "int32") };
    const result: tf.Tensor = along(route, () => tf.engine().runKernel("SparseCrossEntropy", inputs, {}));
    expect(result.shape).toEqual([0]);
  });
});

test("labels that do not fit are an error", () => {
  const logits = tf.zeros([2, 3]);
  const run = (labels: tf.Tensor) => () => tf.engine().runKernel("SparseCrossEntropy", { logits, labels }, {});
  expect(run(tf.zeros([3], "int32"))).toThrow(
    /^SparseCrossEntropy: labels of sizes \[3\] for logits of sizes \[2, 3\]/,
  );
  expect(run(tf.zeros([2]))).toThrow(/^SparseCrossEntropy: labels of type Float, want int32/);
});
