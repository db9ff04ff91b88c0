import { fgsm } from "@awp/attacks";
import { type Batch, type Defense, drain, margin, type Network, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Direction, directionOf, landscape, type LandscapeOptions } from "../src/index";

/*
 * Two classes with the logits 0 and w·x: the margin of label s = ±1 is −s w·x, its largest value in the ball ε larger by
 * ε‖w‖₁. Everything is known along w + αd.
 */
const w = [0.5, -0.25, 1];
const d = [-1, 0.5, 0.25];
const x = [
  [0.5, 0.25, 0.5],
  [0.25, 0.5, 0.75],
];
const signs = [1, -1];
const epsilon = 1 / 8;

let network: Network;
let direction: Direction;
beforeEach(() => {
  const weight = tf.tidy(() => tf.variable(tf.tensor2d(w, [3, 1])));
  network = {
    parameters: new Map([["weight", weight]]),
    buffers: new Map(),
    forward: (images) =>
      tf.tidy(() => {
        const one = tf.matMul(tf.reshape(images, [-1, 3]), weight as tf.Variable<tf.Rank.R2>);
        return tf.concat([tf.zerosLike(one), one], 1) as tf.Tensor2D;
      }),
  };
  direction = directionOf(new Map([["weight", tf.tensor2d(d, [3, 1])]]), "by hand");
});
afterEach(() => {
  direction.dispose();
  tf.dispose([...network.parameters.values()]);
});

function* batches(): Generator<Batch> {
  yield {
    images: tf.tensor4d(x.flat(), [2, 1, 1, 3]),
    labels: tf.tensor1d([1, 0], "int32"),
    indices: Int32Array.of(0, 1),
  };
}

const marginLoss: Defense["loss"] = (network, { labels }, images, mode) =>
  margin(network.forward(images, mode), labels);

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);

function along(options: Partial<LandscapeOptions>, positions: readonly number[]) {
  const axes = [{ direction, positions }];
  return drain(landscape({ network, batches, axes, random: random(0), loss: marginLoss, ...options }));
}

it("a linear network's landscape is the closed form: clean, made anew and pre-generated", async () => {
  const attack = fgsm({ norm: "linf", epsilon });
  const { points } = await along({ attack, pregenerated: true }, [-2, -1, -0.25, 0, 0.5, 3]);
  for (const { at, clean, adversarial, pregenerated } of points) {
    const moved = w.map((value, i) => value + at[0]! * d[i]!);
    const mean = signs.reduce((sum, sign, row) => sum - (sign * dot(moved, x[row]!)) / 2, 0);
    expect(clean.loss).toBeCloseTo(mean, 6);
    expect(adversarial!.loss).toBeCloseTo(mean + epsilon * dot(moved, moved.map(Math.sign)), 6);
    expect(pregenerated!.loss).toBeCloseTo(mean + epsilon * dot(moved, w.map(Math.sign)), 6);
    const recognised = signs.filter((sign, row) => sign * dot(moved, x[row]!) > 0).length / 2;
    if (dot(moved, x[0]!) !== 0) expect(clean.accuracy).toBe(recognised);
  }
});

it("a quadratic loss has a parabola, of any size", async () => {
  for (const size of [1e-30, 1, 1e30]) {
    const loss: Defense["loss"] = ({ parameters }, { labels }) =>
      tf.tidy(() => {
        const squares = tf.sum(tf.square(parameters.get("weight") as tf.Tensor));
        return tf.mul(tf.onesLike(tf.cast(labels, "float32")), tf.mul(squares, size)) as tf.Tensor1D;
      });
    const { points } = await along({ loss }, [-3, -1, 0, 2]);
    for (const { at, clean } of points) {
      const moved = w.map((value, i) => value + at[0]! * d[i]!);
      expect(clean.loss / size).toBeCloseTo(dot(moved, moved), 5);
    }
  }
});

it("a loss that is negative or no number is told as it is", async () => {
  const constant = (value: number): Defense["loss"] => {
    return () => tf.tensor1d([value, value]);
  };
  expect((await along({ loss: constant(-1) }, [0, 1])).points.map(({ clean }) => clean.loss)).toEqual([-1, -1]);
  expect((await along({ loss: constant(Number.NaN) }, [0])).points[0]!.clean.loss).toBeNaN();
});
