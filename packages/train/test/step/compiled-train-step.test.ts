import { ArgumentError, AwpError, drain, random } from "@awp/core";
import { awp, weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, expect, test } from "vitest";
import { adversarialTraining } from "@awp/defenses";
import { compiledTrainStep, sgd, train, trainStep } from "../../src/index";
import { runDirectory } from "../../src/node";
import { noiseAttack, seededNetwork, toyBatch, weightsOf } from "../toy-network";
import { disposeTraining, storedIn, temporaryFolders, toyTraining } from "../toy-training";

const folders = temporaryFolders();
afterAll(() => folders.remove());

test("a compiled training stores what one without stores", async () => {
  const stored = [];
  for (const compile of [false, true]) {
    const directory = folders.make();
    const training = { ...toyTraining({ store: runDirectory(directory), checkpointEvery: 1 }), compile };
    await drain(train(training));
    disposeTraining(training);
    stored.push(storedIn(directory));
  }
  expect(stored[1]).toEqual(stored[0]);
});

test("a compiled step draws as one that is not compiled, with a key on the host or in a tensor", () => {
  const sources = [random(1), random(1).fold(2), random(tf.tensor1d([7, -9], "int32"))];
  for (const source of sources) {
    const weights = [trainStep, compiledTrainStep].map((make) => {
      const network = seededNetwork();
      const optimizer = sgd();
      const step = make({ network, optimizer, defense: adversarialTraining({ attack: noiseAttack(2) }) });
      step(toyBatch(), source, { learningRate: 0.1 });
      const moved = weightsOf(network);
      optimizer.dispose();
      network.dispose();
      return moved;
    });
    expect(weights[1]).toEqual(weights[0]);
  }
});

test("a compiled step refuses what it could not replay, before anything moves", () => {
  const network = seededNetwork();
  const optimizer = sgd({ momentum: 0.9 });
  const defense = adversarialTraining({ attack: noiseAttack(1) });
  const step = compiledTrainStep({ network, optimizer, defense, weightAttack: awp({ gamma: 0.01 }) });
  const batch = toyBatch();
  const before = weightsOf(network);
  const settings = { learningRate: 0.1 };
  const key = tf.tensor1d([1, 2], "int32");
  expect(() => step(batch, random(key).fold(2), settings)).toThrow("random: got");
  expect(() => step(batch, random(key).forRows(batch.indices), settings)).toThrow("random: got");
  expect(() => step(batch, random(1), { learningRate: -1 })).toThrow(ArgumentError);
  expect(() => step({ ...batch, indices: Int32Array.of(1) }, random(1), settings)).toThrow("batch.indices");
  withPerturbation(network.parameters, weightPerturbation(new Map()), () => undefined);
  const [name, weight] = [...network.parameters][0]!;
  const displacement = weightPerturbation(new Map([[name, tf.zerosLike(weight)]]));
  withPerturbation(network.parameters, displacement, () => {
    expect(() => step(batch, random(1), settings)).toThrow(AwpError);
  });
  expect(weightsOf(network)).toEqual(before);
  expect(() => step(batch, random(1).fold(2).forRows(batch.indices), settings)).toAllocate(1);
  expect(weightsOf(network)).not.toEqual(before);
  step.dispose();
  optimizer.dispose();
  network.dispose();
});
