import { ArgumentError } from "@awp/core";
import { weightPerturbation, withPerturbation } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { ema, swa, type WeightAverage, withAverage } from "../../src/index";
import { seededNetwork, toyNetwork, type ToyNetwork, weightsOf } from "../toy-network";
import { using } from "../using";

/** A network whose weights and statistics are all `value`. */
function networkAt(value: number): ToyNetwork {
  const [weight, bias] = [tf.fill([2, 2], value), tf.fill([2], value)];
  const network = using(toyNetwork(weight, bias));
  tf.dispose([weight, bias]);
  moveTo(network, value);
  return network;
}

function moveTo({ parameters, buffers }: ToyNetwork, value: number): void {
  for (const variable of [...parameters.values(), ...buffers.values()]) {
    tf.tidy(() => variable.assign(tf.fill(variable.shape, value)));
  }
}

const valuesOf = ({ weights: { parameters, buffers } }: WeightAverage): number[] =>
  [...parameters.values(), ...buffers.values()].flatMap((variable) => [...variable.dataSync()]);

/** The average of one weight and of one statistic after these weights, one each step. */
function averaged(average: WeightAverage, weights: readonly number[], stepsPerEpoch = 1): readonly [number, number] {
  using(average);
  const network = networkAt(9);
  average.prepare(network);
  for (const [i, weight] of weights.entries()) {
    moveTo(network, weight);
    average.update(network, i + 1, stepsPerEpoch);
  }
  const values = valuesOf(average);
  return [values[0] as number, values.at(-1) as number];
}

describe("ema", () => {
  it("is the closed form over a sequence, from the first weights on", () => {
    const weights = [1, -2, 4, 0.5];
    const decay = 0.75;
    const closed = weights.reduce((sum, w, i) => sum + (1 - decay) * decay ** (3 - i) * w, 9 * decay ** 4);
    const [weight, statistic] = averaged(ema({ decay, statistics: "average" }), weights);
    expect(weight).toBeCloseTo(closed, 5);
    expect(statistic).toBeCloseTo(closed, 5);
    expect(averaged(ema({ decay }), weights)[1]).toBe(9); // the live ones come at the end of the epoch
  });

  it("with decay 0 is the last weights, bit for bit", () => {
    const network = using(seededNetwork());
    const average = using(ema({ decay: 0, statistics: "average" }));
    average.update(network, 1, 1);
    expect(valuesOf(average)).toEqual(weightsOf(network));
    expect(averaged(ema({ decay: 0 }), [Number.NaN, Number.POSITIVE_INFINITY, 0.1])[0]).toBe(Math.fround(0.1));
  });

  it("follows the weights before its start and then a decay by update, as DMAT's", () => {
    const seen: number[] = [];
    const decay = (update: number): number => {
      seen.push(update);
      return Math.min(0.2, (1 + update) / (10 + update));
    };
    const average = ema({ decay, start: 0.5 });
    seen.length = 0;
    // Of four steps an epoch the first two come before the start.
    const [weight] = averaged(average, [1, 2, 3, 4], 4);
    expect(seen).toEqual([0, 1]);
    const third = 0.1 * 2 + 0.9 * 3;
    const decayed = 2 / 11;
    expect(weight).toBeCloseTo(decayed * third + (1 - decayed) * 4, 5);
  });

  it("is told from another by its settings", () => {
    const settings = (decay: number | ((update: number) => number)) => using(ema({ decay })).settings;
    expect(settings(0.9)).toEqual({ average: "ema", decay: 0.9, start: 0, statistics: "live" });
    expect(settings((u) => u / (1 + u))).not.toEqual(settings((u) => u / (2 + u)));
  });
});

describe("swa", () => {
  it("is the mean of the weights at the ends of the epochs from its start on", () => {
    // Two steps an epoch: the ends are 2, 4, 6, 8.
    const weights = [1, 2, 3, 4, 50, 6, 7, 8];
    expect(averaged(swa({ start: 1 }), weights, 2)[0]).toBeCloseTo((4 + 6 + 8) / 3, 5);
    expect(averaged(swa({ start: 0, statistics: "average" }), weights, 2)[1]).toBeCloseTo(5, 5);
  });

  it("of one epoch, and before it, is that epoch's weights, bit for bit", () => {
    expect(averaged(swa({ start: 3 }), [1, 2, 3, 0.1], 1)[0]).toBe(Math.fround(0.1));
    expect(averaged(swa({ start: 3 }), [1, 2, 0.3], 1)[0]).toBe(Math.fround(0.3));
    expect(averaged(swa({ start: 0 }), [0.7], 2)[0]).toBe(9); // within the first epoch: the first weights
  });
});

describe("withAverage", () => {
  /** An average whose weights and statistics are all 5. */
  const away = (): WeightAverage => {
    const average = using(swa({ start: 0 }));
    average.prepare(networkAt(5));
    return average;
  };

  it("has the average in the network and puts the network's own back, also after an error", async () => {
    const network = networkAt(0.3);
    const average = away();
    const own = weightsOf(network);
    const inside = async () => {
      await Promise.resolve();
      return weightsOf(network);
    };
    expect(await withAverage(network, average, inside)).toEqual(own.map(() => 5));
    expect(weightsOf(network)).toEqual(own);
    const failing = () => Promise.reject(new Error("out of memory"));
    await expect(withAverage(network, average, failing)).rejects.toThrow("out of memory");
    expect(weightsOf(network)).toEqual(own);
    expect(valuesOf(average)).toEqual(own.map(() => 5));
  });

  it("undoes what the body did to the weights, and leaves the average alone", async () => {
    const network = networkAt(1);
    const average = away();
    const before = tf.memory().numTensors;
    await withAverage(network, average, () => moveTo(network, 7));
    expect(weightsOf(network)[0]).toBe(1);
    expect(valuesOf(average)[0]).toBe(5);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses weights that are displaced", async () => {
    const network = networkAt(1);
    const average = away();
    const deltas = weightPerturbation(new Map([["fc.bias", tf.ones([2])]]));
    const displaced = withPerturbation(network.parameters, deltas, () => withAverage(network, average, () => 0));
    await expect(displaced).rejects.toThrow("displaced");
    expect(weightsOf(network)[0]).toBe(1);
    deltas.dispose();
  });
});

describe("an average", () => {
  it("owns its weights, and frees them", () => {
    const network = networkAt(1);
    const average = ema({ decay: 0.5, statistics: "average" });
    expect(() => average.prepare(network)).toAllocate(3);
    expect(() => average.update(network, 1, 1)).toAllocate(0);
    expect(() => average.dispose()).toAllocate(-3);
  });

  it("refuses options out of range", () => {
    expect(() => ema({ decay: 1.5 })).toThrow(ArgumentError);
    expect(() => ema({ decay: (update) => update })).toThrow("decay: got 10, want a number from 0 to 1");
    expect(() => ema({ decay: 0.9, start: -1 })).toThrow("start");
    expect(() => ema({ decay: 0.9, statistics: "none" as "live" })).toThrow("statistics");
    expect(() => swa({ start: 0.5 })).toThrow("start");
  });
});
