import * as tf from "@tensorflow/tfjs-core";
import { describe, expectTypeOf, test } from "vitest";
import {
  type Attack,
  type Classifier,
  type Images,
  type IterativeAttack,
  type Labels,
  type Logits,
  type Network,
  projectOntoThreat,
  type Random,
  type TrackingAttack,
} from "../src";

/* What users write against. tsc checks these as it compiles the tests; nothing of them happens at run time. */

describe("the type Classifier", () => {
  test("is any plain function from images to logits", () => {
    expectTypeOf((x: tf.Tensor4D): tf.Tensor2D => tf.mean(x, [1, 2])).toExtend<Classifier>();
    const brightness: Classifier = (x) => tf.mean(x, [1, 2]);
    expectTypeOf(brightness).parameters.toEqualTypeOf<[x: Images]>();
    expectTypeOf(brightness).returns.toEqualTypeOf<Logits>();
  });

  test("is a network whose mode is closed over, but not its forward pass, which wants one", () => {
    expectTypeOf((network: Network) => (x: Images) => network.forward(x, "eval")).returns.toExtend<Classifier>();
    expectTypeOf<Network["forward"]>().not.toExtend<Classifier>();
  });

  test("is no function that is async, or gives values of another rank or on the host", () => {
    expectTypeOf<(x: Images) => Promise<Logits>>().not.toExtend<Classifier>();
    expectTypeOf<(x: Images) => tf.Tensor1D>().not.toExtend<Classifier>();
    expectTypeOf<(x: Images) => number[][]>().not.toExtend<Classifier>();
  });

  test("is no function that wants other images or a second argument", () => {
    expectTypeOf<(x: tf.Tensor2D) => Logits>().not.toExtend<Classifier>();
    expectTypeOf<(x: Images, y: Labels) => Logits>().not.toExtend<Classifier>();
  });
});

describe("the type Attack", () => {
  test("is a plain function, which may leave out the arguments that it does not need", () => {
    const nothing: Attack = (_, x) => tf.clone(x);
    expectTypeOf(nothing).parameters.toEqualTypeOf<[classifier: Classifier, x: Images, y: Labels, random: Random]>();
    const brighter = (_: Classifier, x: Images): Images =>
      projectOntoThreat(tf.add(x, 1), x, { norm: "linf", epsilon: 8 / 255 });
    expectTypeOf(brighter).toExtend<Attack>();
  });

  test("is no function that is async or returns the perturbation with something else", () => {
    expectTypeOf<(classifier: Classifier, x: Images) => Promise<Images>>().not.toExtend<Attack>();
    expectTypeOf<(classifier: Classifier, x: Images) => { images: Images }>().not.toExtend<Attack>();
  });

  test("is every iterative attack, and every one of these that tracks its examples", () => {
    expectTypeOf<IterativeAttack<string>>().toExtend<Attack>();
    expectTypeOf<TrackingAttack<string>>().toExtend<IterativeAttack<string>>();
    expectTypeOf<Attack>().not.toExtend<IterativeAttack<string>>();
  });

  test("asks for a state of its own kind", () => {
    expectTypeOf<TrackingAttack<string>["select"]>().parameter(0).toEqualTypeOf<string>();
    expectTypeOf<IterativeAttack<string>["advance"]>().returns.toEqualTypeOf<string>();
  });
});
