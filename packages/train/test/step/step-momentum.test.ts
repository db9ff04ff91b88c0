import { ArgumentError, random } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, it } from "vitest";
import { adam, compiledTrainStep, type Optimizer, sgd, trainStep, type TrainStepOptions } from "../../src/index";
import { noiseAttack, seededNetwork, toyBatch, weightsOf } from "../toy-network";

const used: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

function setting(optimizer: Optimizer): TrainStepOptions {
  const network = seededNetwork();
  used.push(network, optimizer);
  return { network, optimizer, defense: adversarialTraining({ attack: noiseAttack(1) }) };
}

/** The weights after three steps, each with this momentum. */
function trained(optimizer: Optimizer, momentum?: number | tf.Scalar, make = trainStep): readonly number[] {
  const options = setting(optimizer);
  const step = make(options);
  const given = momentum === undefined ? {} : { momentum };
  for (const seed of [0, 1, 2]) step(toyBatch({ seed }), random(seed), { learningRate: 0.1, ...given });
  return weightsOf(options.network);
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5);
}

describe("the momentum of a step", () => {
  it("takes the place of SGD's own and of Adam's first beta", () => {
    expectClose(trained(sgd({ momentum: 0.9, nesterov: true }), 0.5), trained(sgd({ momentum: 0.5, nesterov: true })));
    expectClose(trained(adam(), 0.5), trained(adam({ betas: [0.5, 0.999] })));
    expect(trained(sgd({ momentum: 0.9 }), 0.5)).not.toEqual(trained(sgd({ momentum: 0.9 })));
  });

  it("may be a number or a tensor, in a step that is recorded or not", () => {
    for (const make of [() => sgd({ momentum: 0.9 }), () => adam()]) {
      const wanted = trained(make(), 0.5);
      expect(trained(make(), tf.scalar(0.5))).toEqual(wanted);
      expect(trained(make(), 0.5, compiledTrainStep)).toEqual(wanted);
      expect(trained(make(), tf.scalar(0.5), compiledTrainStep)).toEqual(wanted);
    }
  });

  it("leaves nothing behind but the loss", () => {
    const step = trainStep(setting(sgd({ momentum: 0.9 })));
    const batch = toyBatch();
    expect(() => step(batch, random(0), { learningRate: 0.1, momentum: 0.5 })).toAllocate(1);
  });

  it("is refused where it cannot be or goes nowhere, before anything moves", () => {
    for (const make of [trainStep, compiledTrainStep]) {
      const options = setting(sgd());
      const before = weightsOf(options.network);
      const step = make(options);
      const one = toyBatch();
      expect(() => step(one, random(0), { learningRate: 0.1, momentum: 0.9 })).toThrow(
        "momentum: got 0.9, want none: the optimizer keeps no momentum",
      );
      for (const momentum of [1, -0.1, Number.NaN]) {
        expect(() => step(one, random(0), { learningRate: 0.1, momentum })).toThrow(ArgumentError);
      }
      expect(weightsOf(options.network)).toEqual(before);
    }
  });
});
