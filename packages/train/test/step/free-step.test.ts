import {
  ArgumentError,
  type Batch,
  drain,
  type Images,
  mean,
  type Network,
  projectOntoThreat,
  random,
  uniform,
} from "@awp/core";
import { adversarialTraining, standardTraining } from "@awp/defenses";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import {
  compiledTrainStep,
  freeStep,
  type FreeStepOptions,
  sgd,
  train,
  trainStep,
  type TrainStepOptions,
} from "../../src/index";
import { seededNetwork, toyBatch, type ToyNetwork, weightsOf } from "../toy-network";
import { disposeTraining, toyTraining } from "../toy-training";
import { using } from "../using";

const linf = { norm: "linf", epsilon: 0.1 } as const;

/** A network that shows what images it is given, and counts its forward and its backward passes. */
function watched(inner: ToyNetwork = using(seededNetwork())) {
  const seen: number[][] = [];
  const passes = { forward: 0, backward: 0 };
  const counted = tf.customGrad((x) => ({
    value: tf.clone(x as tf.Tensor),
    gradFunc: (dy) => {
      passes.backward++;
      return tf.clone(dy as tf.Tensor);
    },
  }));
  const network: Network = {
    ...inner,
    forward(x, mode) {
      passes.forward++;
      seen.push([...x.dataSync()]);
      return tf.tidy(() => counted(inner.forward(x, mode)) as tf.Tensor2D);
    },
  };
  return { network, seen, passes };
}

/** One free step on a batch; what the network saw. */
function stepped(options: FreeStepOptions, more: Partial<TrainStepOptions> = {}, batch: Batch = toyBatch()) {
  const { network, seen, passes } = watched();
  const optimizer = using(sgd({ momentum: 0.9 }));
  const step = freeStep(options)({ network, optimizer, defense: standardTraining(), ...more });
  const { loss } = step(batch, random(3), { learningRate: 0.1 });
  const [value] = loss.dataSync();
  loss.dispose();
  const images = [...batch.images.dataSync()];
  tf.dispose([batch.images, batch.labels]);
  return { seen, passes, images, loss: value as number, weights: weightsOf(network) };
}

describe("a free step", () => {
  it.each([1, 4])("of %i replays is as many forward and backward passes", (replays) => {
    expect(stepped({ ...linf, replays }).passes).toEqual({ forward: replays, backward: replays });
  });

  it("costs a pass more in each replay for a weight attack of one step", () => {
    const weightAttack = awp({ gamma: 0.01 });
    expect(stepped({ ...linf, replays: 3 }, { weightAttack }).passes).toEqual({ forward: 6, backward: 6 });
    expect(stepped({ ...linf, replays: 3 }, { weightAttack }).weights).not.toEqual(
      stepped({ ...linf, replays: 3 }).weights,
    );
  });

  it("keeps its images in ball and box, and moves them on from replay to replay", () => {
    const { seen, images } = stepped({ ...linf, stepSize: 0.03, replays: 4 });
    for (const [replay, adversarial] of seen.entries()) {
      for (const [i, value] of adversarial.entries()) {
        expect(Math.abs(value - images[i]!)).toBeLessThanOrEqual(0.1 + 1e-6);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        const before = seen[replay - 1]?.[i] ?? value;
        expect(Math.abs(value - before)).toBeLessThanOrEqual(0.03 + 1e-6);
      }
    }
    expect(seen[1]).not.toEqual(seen[0]);
  });

  it("keeps its images in the ball of l2", () => {
    const { seen, images } = stepped({ norm: "l2", epsilon: 0.2, replays: 3 });
    for (const adversarial of seen) {
      for (let row = 0; row < 6; row++) {
        const deltas = adversarial.slice(12 * row, 12 * (row + 1)).map((value, i) => value - images[12 * row + i]!);
        expect(Math.hypot(...deltas)).toBeLessThanOrEqual(0.2 + 1e-6);
        expect(Math.hypot(...deltas)).toBeGreaterThan(0);
      }
    }
  });

  it("climbs: at rate 0 the loss grows with the replays", () => {
    const losses = [1, 2, 4].map((replays) => {
      const { network } = watched();
      const step = freeStep({ ...linf, stepSize: 0.05, replays })({
        network,
        optimizer: using(sgd()),
        defense: standardTraining(),
      });
      const { loss } = step(toyBatch(), random(3), { learningRate: 0 });
      return loss.dataSync()[0] as number;
    });
    expect(losses[1]).toBeGreaterThan(losses[0]!);
    expect(losses[2]).toBeGreaterThan(losses[1]!);
  });

  it("returns the mean loss over its replays", () => {
    const { network, seen } = watched();
    const defense = standardTraining();
    const batch = toyBatch();
    const step = freeStep({ ...linf, stepSize: 0.05, replays: 3 })({ network, optimizer: using(sgd()), defense });
    const { loss } = step(batch, random(3), { learningRate: 0 });
    const losses = seen.splice(0).map((pixels) => {
      const images = tf.tensor4d(pixels, batch.images.shape);
      return mean(defense.loss(network, batch, images, "train-frozen")).dataSync()[0] as number;
    });
    expect(loss.dataSync()[0]).toBeCloseTo(losses.reduce((sum, each) => sum + each, 0) / 3, 5);
    expect(losses[2]).toBeGreaterThan(losses[0]! + 1e-3);
  });

  it("of one replay is a step on the random start", () => {
    const start = adversarialTraining({
      attack: (_classifier, x, _y, source) =>
        tf.tidy(() => projectOntoThreat(tf.add(x, uniform(source, x.shape, -0.1, 0.1) as Images), x, linf)),
    });
    const network = using(seededNetwork());
    const options = { network, optimizer: using(sgd({ momentum: 0.9 })), defense: start };
    const { loss } = trainStep(options)(toyBatch(), random(3), { learningRate: 0.1 });
    const free = stepped({ ...linf, replays: 1 });
    expect(free.weights).toEqual(weightsOf(network));
    expect(free.loss).toBe(loss.dataSync()[0]);
  });

  it("is replays of ordinary steps on the images that were moved meanwhile", () => {
    const { seen, weights } = stepped({ ...linf, replays: 3 });
    const network = using(seededNetwork());
    let replay = 0;
    const given = adversarialTraining({
      attack: (_classifier, x) => tf.tensor4d(seen[replay++]!, x.shape),
    });
    const step = trainStep({ network, optimizer: using(sgd({ momentum: 0.9 })), defense: given });
    for (let i = 0; i < 3; i++) tf.dispose(step(toyBatch(), random(i), { learningRate: 0.1 }).loss);
    for (const [i, weight] of weightsOf(network).entries()) expect(weights[i]).toBeCloseTo(weight, 6);
  });

  it("depends on its batch, its random value and its rows' indices alone", () => {
    const one = stepped({ ...linf, replays: 2 });
    expect(stepped({ ...linf, replays: 2 }).weights).toEqual(one.weights);
    const moved = { ...toyBatch(), indices: Int32Array.of(9, 1, 2, 3, 4, 5) };
    const other = stepped({ ...linf, replays: 2 }, {}, moved);
    expect(other.seen[0]!.slice(12)).toEqual(one.seen[0]!.slice(12));
    expect(other.seen[0]!.slice(0, 12)).not.toEqual(one.seen[0]!.slice(0, 12));
  });

  it("is the whole batch's in micro-batches, on a network that normalises nothing", () => {
    const trained = (microBatches: number) => {
      const inner = using(seededNetwork());
      const forward: Network["forward"] = (x) => inner.forward(x, "eval");
      const network: Network = { ...inner, forward };
      const step = freeStep({ ...linf, replays: 3 });
      const options = { network, optimizer: using(sgd()), defense: standardTraining(), microBatches };
      tf.dispose(step(options)(toyBatch(), random(3), { learningRate: 0.1 }).loss);
      return weightsOf(network);
    };
    for (const [i, weight] of trained(4).entries()) expect(weight).toBeCloseTo(trained(1)[i]!, 5);
  });

  it("leaves the loss alone, also with a weight attack, and is the same compiled", () => {
    const weights = [freeStep({ ...linf, replays: 2 }), compiledFree].map((make) => {
      const network = using(seededNetwork());
      const options = { network, optimizer: using(sgd({ momentum: 0.9 })), defense: standardTraining() };
      const step = make({ ...options, weightAttack: awp({ gamma: 0.01 }) });
      options.optimizer.prepare(network.parameters);
      const batch = toyBatch();
      expect(() => step(batch, random(3), { learningRate: 0.1 })).toAllocate(1);
      return weightsOf(network);
    });
    expect(weights[1]).toEqual(weights[0]);
  });

  it("trains: the clean loss falls", async () => {
    const step = freeStep({ ...linf, replays: 4 });
    const training = { ...toyTraining({ epochs: 30 }), step, defense: standardTraining() };
    const cleanLoss = (): number => {
      const batch = toyBatch({ seed: 1000 });
      const loss = tf.tidy(() => mean(training.defense.loss(training.network, batch, batch.images, "eval")));
      return loss.dataSync()[0] as number;
    };
    const before = cleanLoss();
    await drain(train(training));
    expect(cleanLoss()).toBeLessThan(0.8 * before);
    disposeTraining(training);
  });

  it("refuses options out of range", () => {
    expect(() => freeStep({ ...linf, replays: 0 })).toThrow(ArgumentError);
    expect(() => freeStep({ ...linf, replays: 1, stepSize: -1 })).toThrow("stepSize");
    expect(() => freeStep({ norm: "l1", epsilon: 1, replays: 1 })).toThrow("norm");
    expect(() => freeStep({ norm: "linf", epsilon: -1, replays: 1 })).toThrow("epsilon");
  });
});

function compiledFree(options: TrainStepOptions) {
  return using(compiledTrainStep(options, freeStep({ ...linf, replays: 2 })));
}
