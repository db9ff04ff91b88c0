import { type Mode, random } from "@awp/core";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AdversarialTrainingOptions, adversarialTraining } from "@awp/defenses";
import { sgd, trainStep } from "../../src/index";
import { noiseAttack, seededNetwork, type ToyNetwork, toyBatch } from "../toy-network";

let network: ToyNetwork;

beforeEach(() => {
  network = seededNetwork();
});

afterEach(() => network.dispose());

/** The modes of all forward passes of one AT-AWP step with an attack of ten. */
function modesOfStep(options: Omit<AdversarialTrainingOptions, "attack">, weightAttack = true): readonly Mode[] {
  const optimizer = sgd({ momentum: 0.9 });
  const defense = adversarialTraining({ attack: noiseAttack(10), ...options });
  const step = trainStep({ network, optimizer, defense, weightAttack: awp({ gamma: weightAttack ? 0.01 : 0 }) });
  step(toyBatch(), random(0), { learningRate: 0.1 });
  optimizer.dispose();
  return network.modes;
}

const repeated = (mode: Mode, times: number): Mode[] => new Array<Mode>(times).fill(mode);

describe("a step of adversarialTraining", () => {
  it("moves the running statistics 13 times a step with the reference's passes", () => {
    const modes = modesOfStep({ auxiliaryForwards: true });
    expect(modes).toEqual([...repeated("train", 11), "train-frozen", "train", "train"]);
  });

  it("moves them 11 times when the network is attacked in training mode", () => {
    expect(modesOfStep({})).toEqual([...repeated("train", 10), "train-frozen", "train"]);
    expect(modesOfStep({}, false).slice(12)).toEqual(repeated("train", 11));
  });

  it.each(["eval", "train-frozen"] as const)("moves them once when it is attacked in mode %s", (attackMode) => {
    expect(modesOfStep({ attackMode })).toEqual([...repeated(attackMode, 10), "train-frozen", "train"]);
  });

  it("makes the auxiliary passes on the adversarial images at w and on the clean ones after the step", () => {
    const inputs: [number, number][] = [];
    const spied = {
      ...network,
      forward: (x: tf.Tensor4D, mode: Mode) => {
        inputs.push([tf.sum(x).dataSync()[0] as number, network.parameters.get("fc.bias")?.dataSync()[0] as number]);
        return network.forward(x, mode);
      },
    };
    const optimizer = sgd();
    const batch = toyBatch();
    const defense = adversarialTraining({ attack: () => tf.onesLike(batch.images), auxiliaryForwards: true });
    const bias = network.parameters.get("fc.bias")?.dataSync()[0];
    trainStep({ network: spied, optimizer, defense })(batch, random(0), { learningRate: 0.1 });
    const moved = network.parameters.get("fc.bias")?.dataSync()[0];
    expect(inputs).toEqual([
      [batch.images.size, bias],
      [batch.images.size, bias],
      [tf.sum(batch.images).dataSync()[0], moved],
    ]);
    expect(moved).not.toBe(bias);
  });
});
