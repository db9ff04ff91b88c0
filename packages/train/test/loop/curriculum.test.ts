import { ArgumentError, drain } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { awp } from "@awp/perturb";
import { afterEach, describe, expect, it } from "vitest";
import { type Curriculum, linearRamp, type Optimizer, sgd, train, type TrainOptions } from "../../src/index";
import { emptyMemory, memoryStore } from "../store/memory-store";
import { noiseAttack, weightsOf } from "../toy-network";
import { disposeTraining, type ToyTraining, toyTraining } from "../toy-training";

const used: ToyTraining[] = [];
afterEach(() => {
  for (const training of used.splice(0)) disposeTraining(training);
});

function training(options: Partial<TrainOptions> = {}): ToyTraining {
  const made = toyTraining({ warmupEpochs: 0, ...options });
  used.push(made);
  return made;
}

async function weightsAfter(toy: ToyTraining): Promise<readonly number[]> {
  await drain(train(toy));
  return weightsOf(toy.network);
}

const noise = linearRamp({ from: 0.01, to: 0.3, epochs: 2 });
const ramp: Curriculum = (epoch) => ({
  defense: adversarialTraining({ attack: noiseAttack(1, noise(epoch)) }),
  weightAttack: awp({ gamma: 0.01 * (epoch + 1) }),
});

/** The same ramp, without a curriculum: a training of one epoch after the other, each resumed with other options. */
async function epochByEpoch(epochs: number): Promise<readonly number[]> {
  const memory = emptyMemory();
  let weights: readonly number[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const settings = { epochs: epoch + 1, store: memoryStore(memory), resume: true, ...ramp(epoch) };
    weights = await weightsAfter(training({ ...settings, schedule: () => 0.1 }));
  }
  return weights;
}

describe("a curriculum", () => {
  it.each([false, true])("changes defense and weight attack by epoch (compiled: %s)", async (compile) => {
    const ramped = await weightsAfter(training({ curriculum: ramp, compile, schedule: () => 0.1 }));
    expect(ramped).toEqual(await epochByEpoch(3));
    expect(ramped).not.toEqual(await weightsAfter(training({ schedule: () => 0.1 })));
  });

  it("goes on from a pause within an epoch bit for bit", async () => {
    const memory = emptyMemory();
    const pause = new AbortController();
    const first = training({ curriculum: ramp, store: memoryStore(memory), pause: pause.signal, reportEvery: 1 });
    const at: unknown[] = [];
    for await (const event of train(first)) {
      if (event.kind === "step" && event.epoch === 1) pause.abort();
      if (event.kind === "paused") at.push(event.epoch, event.step);
    }
    expect(at).toEqual([1, 1]);
    const resumed = training({ curriculum: ramp, store: memoryStore(memory), resume: true });
    const whole = await weightsAfter(training({ curriculum: ramp }));
    expect(await weightsAfter(resumed)).toEqual(whole);
  });

  it("is asked once an epoch, from the one that a training goes on with", async () => {
    const memory = emptyMemory();
    const asked: number[] = [];
    const curriculum: Curriculum = (epoch) => {
      asked.push(epoch);
      return {};
    };
    await drain(train(training({ curriculum, epochs: 2, store: memoryStore(memory) })));
    await drain(train(training({ curriculum, epochs: 4, store: memoryStore(memory), resume: true })));
    expect(asked).toEqual([0, 1, 2, 3]);
  });

  it("makes another step only where it gives another object", async () => {
    const toy = training({ epochs: 6 });
    let made = 0;
    const optimizer: Optimizer = {
      ...toy.optimizer,
      prepare(parameters) {
        made++;
        toy.optimizer.prepare(parameters);
      },
    };
    const strong = awp({ gamma: 0.05 });
    const curriculum: Curriculum = (epoch) => (epoch < 2 || epoch === 4 ? {} : { weightAttack: strong });
    await drain(train({ ...toy, optimizer, curriculum }));
    expect(made).toBe(4);
  });

  it("that changes nothing is no curriculum, and what it does not name stays", async () => {
    const plain = await weightsAfter(training());
    expect(await weightsAfter(training({ curriculum: () => ({}) }))).toEqual(plain);
    const named = training();
    const curriculum: Curriculum = () => ({ defense: named.defense });
    expect(await weightsAfter(Object.assign(named, { curriculum }))).toEqual(plain);
  });

  it("is part of the identity of a run", async () => {
    const memory = emptyMemory();
    await drain(train(training({ epochs: 1, store: memoryStore(memory) })));
    const resumed = training({ curriculum: ramp, store: memoryStore(memory), resume: true });
    await expect(drain(train(resumed))).rejects.toThrow("training.curriculum was absent, is true");
  });
});

describe("linearRamp", () => {
  it("goes from one value to the other and stays", () => {
    const values = [0, 1, 2, 3, 4, 5].map(linearRamp({ from: 0.2, to: 1, epochs: 4 }));
    for (const [i, value] of [0.2, 0.4, 0.6, 0.8, 1, 1].entries()) expect(values[i]).toBeCloseTo(value, 12);
    expect(linearRamp({ to: 8 / 255, epochs: 10 })(5)).toBeCloseTo(4 / 255, 12);
  });

  it("refuses what cannot work", () => {
    for (const options of [
      { to: Number.NaN, epochs: 1 },
      { to: 1, epochs: 0 },
      { from: Infinity, to: 1, epochs: 1 },
    ]) {
      expect(() => linearRamp(options)).toThrow(ArgumentError);
    }
  });
});

describe("a schedule of the momentum", () => {
  const momentumSchedule = (t: number): number => 0.9 - t / 10;

  it("that changes is a warning when a training goes on", async () => {
    const memory = emptyMemory();
    await drain(train(training({ momentumSchedule, epochs: 3, store: memoryStore(memory), checkpointEvery: 1 })));
    const other = training({
      momentumSchedule: (t) => 0.8 - t / 10,
      epochs: 4,
      store: memoryStore(memory),
      resume: true,
    });
    const messages: string[] = [];
    for await (const event of train(other)) if (event.kind === "warning") messages.push(event.message);
    expect(messages).toContain("the momentumSchedule now gives 0.8 at epoch 0, where it gave 0.9");
  });

  it("needs an optimizer that keeps a momentum, and says so before any step", async () => {
    const toy = training({ momentumSchedule });
    const optimizer = sgd();
    await expect(drain(train({ ...toy, optimizer }))).rejects.toThrow("momentumSchedule: got");
    expect(toy.network.modes).toEqual([]);
  });
});
