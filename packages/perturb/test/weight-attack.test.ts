import { type Loss, type Parameters, type Random, random, type WeightAttack, type WeightPerturbation } from "@awp/core";
import { lossInParts } from "@awp/core/authoring";
import { relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { awp, randomWeightPerturbation } from "../src/index";
import { quadratic } from "./toy-weights";

describe("awp of a loss in parts", () => {
  it("follows the gradient of their sum, not of one of them", () => {
    const toy = quadratic();
    const [first, second] = [toy.loss, (): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(toy.weights.get("dense")!))];
    const whole = (): tf.Scalar => tf.tidy(() => tf.add(first(), second()));
    const find = (loss: Loss) => awp({ gamma: 0.3, steps: 3 })(toy.weights, loss, random(0)).deltas;
    const [expected, found, part] = [find(whole), find(lossInParts([first, second])), find(first)];
    for (const [name, delta] of expected) expect(relativeDeviation(found.get(name)!, delta)).toBeLessThan(1e-5);
    expect(relativeDeviation(part.get("dense")!, expected.get("dense")!)).toBeGreaterThan(1e-3);
    toy.dispose();
  });
});

describe("the type of WeightAttack", () => {
  it("takes named weights, a loss and a random value, and gives a perturbation", () => {
    expectTypeOf(awp).returns.toEqualTypeOf<WeightAttack>();
    expectTypeOf(randomWeightPerturbation).returns.toEqualTypeOf<WeightAttack>();
    expectTypeOf<WeightAttack>().parameters.toEqualTypeOf<[Parameters, Loss, Random]>();
    expectTypeOf<WeightAttack>().returns.toEqualTypeOf<WeightPerturbation>();
    expectTypeOf<() => tf.Tensor1D>().not.toExtend<Loss>();
  });
});
