import { ArgumentError, type NamedTensors, random } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { awp } from "@awp/perturb";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clip, sgd, stepHalves, type TrainStepOptions } from "../../src/index";
import { noiseAttack, seededNetwork, toyBatch } from "../toy-network";

const used: { dispose(): void }[] = [];
afterEach(() => {
  for (const each of used.splice(0)) each.dispose();
});

const decay = 0.5;

/** The gradients of a step, and the weights where they are taken but for a weight attack. */
function found(options: Partial<TrainStepOptions>, weightDecay = 0) {
  const network = seededNetwork();
  const optimizer = sgd({ weightDecay });
  used.push(network, optimizer);
  const defense = adversarialTraining({ attack: noiseAttack(1) });
  const { gradients } = stepHalves({ network, optimizer, defense, ...options });
  const { loss, gradients: taken } = gradients(toyBatch(), random(0));
  loss.dispose();
  const read = (tensors: NamedTensors): number[] => [...tensors.values()].flatMap((tensor) => [...tensor.dataSync()]);
  return { gradient: read(taken), weights: read(network.parameters) };
}

const lengthOf = (values: readonly number[]): number => Math.hypot(...values);

describe("clip", () => {
  let free: readonly number[];
  let length: number;
  beforeEach(() => {
    free = found({}).gradient;
    length = lengthOf(free);
  });

  it("by norm keeps the direction and bounds the length, over all parameters at once", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 3, noNaN: true }), (share) => {
        const { gradient } = found({ clip: { norm: share * length } });
        const factor = Math.min(1, share);
        for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(factor * free[i]!, 5);
      }),
      { numRuns: 20 },
    );
  });

  it("by value bounds each entry and leaves the smaller ones alone", () => {
    const bound = Math.max(...free.map(Math.abs)) / 2;
    const { gradient } = found({ clip: { value: bound } });
    expect(gradient.some((value, i) => value !== free[i])).toBe(true);
    for (const [i, value] of gradient.entries()) {
      expect(value).toBeCloseTo(Math.sign(free[i]!) * Math.min(Math.abs(free[i]!), bound), 6);
    }
  });

  it("comes before weight decay, which it does not bound", () => {
    const clip = { norm: length / 10 };
    const { gradient, weights } = found({ clip }, decay);
    const ofLoss = gradient.map((value, i) => value - decay * weights[i]!);
    expect(lengthOf(ofLoss)).toBeCloseTo(length / 10, 5);
    expect(lengthOf(gradient)).toBeGreaterThan(length / 10);
  });

  it("bounds the gradient at w + v, and that of a whole batch in micro-batches", () => {
    const attacked = { weightAttack: awp({ gamma: 0.5 }) };
    expect(lengthOf(found({ ...attacked, clip: { norm: length / 10 } }).gradient)).toBeCloseTo(length / 10, 5);
    const parts = { clip: { norm: length / 10 }, microBatches: 3 };
    expect(lengthOf(found(parts).gradient)).toBeCloseTo(length / 10, 5);
  });

  it("leaves the gradients and the loss and nothing else", () => {
    const network = seededNetwork();
    const optimizer = sgd({ weightDecay: decay });
    used.push(network, optimizer);
    const defense = adversarialTraining({ attack: noiseAttack(1) });
    const batch = toyBatch();
    for (const clip of [{ norm: 1 }, { value: 1 }]) {
      const { gradients } = stepHalves({ network, optimizer, defense, clip });
      expect(() => gradients(batch, random(0))).toAllocate(3);
    }
  });

  it("refuses anything but one bound above 0", () => {
    const refused = [{}, { norm: 0 }, { value: -1 }, { norm: Number.NaN }, { norm: 1, value: 1 }, { length: 1 }];
    for (const clip of refused) expect(() => found({ clip: clip as Clip })).toThrow(ArgumentError);
    expect(() => found({ clip: { norm: 0 } })).toThrow("clip.norm: got 0, want a finite number above 0");
  });
});
