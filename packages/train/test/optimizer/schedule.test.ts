import { ArgumentError } from "@awp/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReferenceSchedules, type Schedule, schedules } from "../../src/index";

const run = { learningRate: 0.1, epochs: 200 };

function expectRates(schedule: Schedule, rates: readonly (readonly [number, number])[]): void {
  for (const [t, rate] of rates) expect(schedule(t), `t = ${t}`).toBeCloseTo(rate, 12);
}

describe("schedules", () => {
  it("constant stays", () => {
    expectRates(schedules.constant({ learningRate: 0.1 }), [
      [0.01, 0.1],
      [1e6, 0.1],
    ]);
  });

  it("piecewise drops to a tenth at half and to a hundredth at three quarters", () => {
    const piecewise = schedules.piecewise(run);
    expectRates(piecewise, [
      [1 / 391, 0.1],
      [99 + 390 / 391, 0.1],
      [100, 0.01],
      [149.99, 0.01],
      [150, 0.001],
      [200, 0.001],
    ]);
  });

  // As the reference's logs show: the step's t is that of its end.
  it("piecewise runs the last batch of epoch 99 at a tenth, for any number of batches", () => {
    const piecewise = schedules.piecewise(run);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5000 }), (batches) => {
        expect(piecewise(99 + batches / batches)).toBe(0.01);
        expect(piecewise(99 + (batches - 1) / batches)).toBe(0.1);
      }),
    );
  });

  it("multiStep drops after each milestone, with the first step of the next epoch", () => {
    expectRates(schedules.multiStep({ ...run, milestones: [3, 5] }), [
      [1 / 391, 0.1],
      [3, 0.1],
      [3 + 1 / 391, 0.01],
      [5, 0.01],
      [5.5, 0.001],
    ]);
    expectRates(schedules.multiStep({ ...run, milestones: [2], factor: 0.5 }), [[3, 0.05]]);
    expectRates(schedules.multiStep({ learningRate: 0.1, epochs: 5 }), [
      [2, 0.1],
      [3, 0.01],
      [4, 0.001],
    ]);
    for (const milestones of [[5, 3], [2.5], [-1]]) {
      expect(() => schedules.multiStep({ ...run, milestones })).toThrow("milestones: got");
    }
  });

  it("superconverge rises for two fifths and falls to nothing", () => {
    expectRates(schedules.superconverge(run), [
      [0, 0],
      [40, 0.05],
      [80, 0.1],
      [140, 0.05],
      [200, 0],
    ]);
    // Two fifths of 13 are counted as 5 whole epochs.
    expectRates(schedules.superconverge({ learningRate: 1, epochs: 13 }), [[5, 1]]);
  });

  it("linear holds for a third, reaches a tenth at two thirds and a hundredth at the end", () => {
    expectRates(schedules.linear({ learningRate: 0.1, epochs: 30 }), [
      [5, 0.1],
      [10, 0.1],
      [15, 0.055],
      [20, 0.01],
      [25, 0.0055],
      [30, 0.001],
    ]);
  });

  it("oneDrop drops at epoch 100 to 0.01, unless told otherwise", () => {
    expectRates(schedules.oneDrop({ learningRate: 0.1 }), [
      [99.99, 0.1],
      [100, 0.01],
    ]);
    expectRates(schedules.oneDrop({ learningRate: 0.1, dropEpoch: 3, dropTo: 0.02 }), [
      [2.9, 0.1],
      [3, 0.02],
    ]);
  });

  it("multipleDecay loses a tenth of the largest every tenth of the training", () => {
    expectRates(schedules.multipleDecay(run), [
      [19.99, 0.1],
      [20, 0.09],
      [100, 0.05],
      [199, 0.01],
    ]);
  });

  it("cosine goes from the largest through half to nothing", () => {
    expectRates(schedules.cosine(run), [
      [0, 0.1],
      [200 / 3, 0.075],
      [100, 0.05],
      [200, 0],
    ]);
  });

  it("cyclic rises until 0.4 of the training and falls to nothing", () => {
    expectRates(schedules.cyclic({ learningRate: 0.2, epochs: 15 }), [
      [3, 0.1],
      [6, 0.2],
      [10.5, 0.1],
      [15, 0],
    ]);
  });

  it("oneCycle rises to the largest rate and ends far below the first one, and its momentum the other way round", () => {
    const plan = { epochs: 10, stepsPerEpoch: 5, pctStart: 0.2 };
    const cycle = schedules.oneCycle({ ...plan, learningRate: 1, divFactor: 10, finalDivFactor: 100 });
    expectRates(cycle, [
      [0, 0.1],
      [1 / 5, 0.1],
      [2, 1],
      [10, 0.001],
      [11, 0.001],
    ]);
    const momentum = schedules.oneCycleMomentum({ ...plan, base: 0.8, max: 0.9 });
    expectRates(momentum, [
      [1 / 5, 0.9],
      [2, 0.8],
      [10, 0.9],
    ]);
  });

  it("oneCycle goes down from the start where the share of its way up is nothing", () => {
    expectRates(schedules.oneCycle({ learningRate: 1, epochs: 3, stepsPerEpoch: 1, pctStart: 1 / 3 }), [
      [1, 1],
      [3, 4e-6],
    ]);
    expectRates(schedules.oneCycle({ learningRate: 1, epochs: 1, stepsPerEpoch: 1 }), [[1, 4e-6]]);
  });

  it("perEpoch keeps the rate of an epoch's beginning throughout, as RST has it", () => {
    const perEpoch = schedules.perEpoch(schedules.cosine({ learningRate: 0.1, epochs: 4 }));
    const rst = (epoch: number): number => (0.1 * (1 + Math.cos((Math.PI * (epoch - 1)) / 4))) / 2;
    for (const epoch of [1, 2, 3, 4]) {
      for (const part of [1 / 391, 0.5, 1]) expect(perEpoch(epoch - 1 + part)).toBeCloseTo(rst(epoch), 12);
    }
    expect(perEpoch(0)).toBe(0.1);
  });

  it("warmedUp rises in a line from nothing, then is the schedule", () => {
    const warm = schedules.warmedUp(schedules.constant({ learningRate: 0.2 }), { epochs: 5 });
    expectRates(warm, [
      [0, 0],
      [1, 0.04],
      [5, 0.2],
      [9, 0.2],
    ]);
  });

  it("none leaves [0, learningRate] during the training", () => {
    const epochs = fc.integer({ min: 1, max: 30 }).map((tens) => 10 * tens);
    const fraction = fc.double({ min: 0, max: 1, noNaN: true });
    const derived = ["oneCycle", "oneCycleMomentum", "perEpoch", "warmedUp"];
    const ofReference = Object.keys(schedules).filter(
      (name) => !derived.includes(name),
    ) as (keyof ReferenceSchedules)[];
    fc.assert(
      fc.property(fc.constantFrom(...ofReference), epochs, fraction, (name, length, part) => {
        const rate = schedules[name]({ learningRate: 0.5, epochs: length })(part * length);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it("refuse what cannot work", () => {
    expect(() => schedules.constant({ learningRate: Number.NaN })).toThrow(ArgumentError);
    expect(() => schedules.piecewise({ learningRate: -1, epochs: 10 })).toThrow(ArgumentError);
    expect(() => schedules.cosine({ learningRate: 0.1, epochs: 0 })).toThrow(ArgumentError);
    expect(() => schedules.multipleDecay({ learningRate: 0.1, epochs: 19 })).toThrow(ArgumentError);
    expect(() => schedules.oneDrop({ learningRate: 0.1, dropTo: -1 })).toThrow(ArgumentError);
    const plan = { learningRate: 0.1, epochs: 5, stepsPerEpoch: 4 };
    const wrong = [
      { stepsPerEpoch: 0 },
      { stepsPerEpoch: 1.5 },
      { pctStart: 1.1 },
      { divFactor: 0 },
      { finalDivFactor: -1 },
    ];
    for (const field of wrong) expect(() => schedules.oneCycle({ ...plan, ...field })).toThrow(ArgumentError);
    expect(() => schedules.oneCycleMomentum({ ...plan, max: 1 })).toThrow("max: got 1");
    expect(() => schedules.warmedUp(() => 1, { epochs: 0 })).toThrow(ArgumentError);
  });
});
