import { projectOntoThreat, random, uniform } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { onTorch } from "../torch";
import { along, type Route, routes } from "./routes";

onTorch();

const [epsilon, length] = [8 / 255, 2 / 255];
const draw = (seed: number, low: number, high: number): tf.Tensor4D =>
  uniform(random(seed), [3, 17, 19, 3], low, high) as tf.Tensor4D;
const attributes = { length, radius: epsilon, low: 0, high: 1 };

function signStep(
  route: Route,
  images: tf.Tensor,
  gradient: tf.Tensor,
  origin: tf.Tensor,
  given = attributes,
): tf.Tensor4D {
  return along(route, () => tf.engine().runKernel("SignStep", { images, gradient, origin }, given));
}

const four = (...values: number[]): tf.Tensor4D => tf.tensor4d(values, [1, 1, 1, values.length]);
const valuesOf = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

describe.each(routes)("SignStep on the %s route", (route) => {
  test("moves by its length along the sign, and stays in the ball and in the box exactly", () => {
    const origin = draw(1, 0, 1);
    const start = projectOntoThreat(tf.add(origin, draw(2, -epsilon, epsilon)), origin, { norm: "linf", epsilon });
    const gradient = draw(3, -1e-20, 1e-20);
    const moved = valuesOf(signStep(route, start, gradient, origin));
    const [x, g, o] = [valuesOf(start), valuesOf(gradient), valuesOf(origin)];
    const [step, radius] = [Math.fround(length), Math.fround(epsilon)];
    const wanted = x.map((value, i) => {
      const free = Math.fround(value + Math.sign(g[i]!) * step);
      const inBall = Math.min(Math.max(free, Math.fround(o[i]! - radius)), Math.fround(o[i]! + radius));
      return Math.min(Math.max(inBall, 0), 1);
    });
    expect(moved).toEqual(wanted);
  });

  test("leaves its own result where it is when the gradient is 0", () => {
    const origin = draw(1, 0, 1);
    const once = signStep(route, draw(2, -1, 2), draw(3, -1, 1), origin);
    const again = signStep(route, once, tf.zerosLike(once), origin);
    expect(again.dataSync()).toEqual(once.dataSync());
  });

  test("what is NaN in any of the three is NaN", () => {
    const [images, gradient, origin] = [
      four(Number.NaN, 0.5, 0.5, 0.5),
      four(1, Number.NaN, 1, 0),
      four(0.5, 0.5, Number.NaN, 0.5),
    ];
    expect(valuesOf(signStep(route, images, gradient, origin))).toEqual([Number.NaN, Number.NaN, Number.NaN, 0.5]);
  });

  test("an infinite slope is a step like any other", () => {
    const moved = signStep(route, four(0.5, 0.5), four(Infinity, -Infinity), four(0.5, 0.5), {
      ...attributes,
      length: 0.25,
      radius: 0.125,
    });
    expect(valuesOf(moved)).toEqual([0.625, 0.375]);
  });

  test("a slope that can be followed is bounded, and 0 for NaN", () => {
    const slope = tf.tensor1d([1e30, -1e30, Number.NaN, 0.5, Infinity, -Infinity, 0]);
    const bounded: tf.Tensor = along(route, () => tf.engine().runKernel("BoundedSlope", { slope }, { bound: 1024 }));
    expect(valuesOf(bounded)).toEqual([1024, -1024, 0, 0.5, 1024, -1024, 0]);
  });
});
