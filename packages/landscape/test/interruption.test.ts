import { pgd } from "@awp/attacks";
import { type Attack, drain, type Network, random } from "@awp/core";
import { disposeNetwork } from "@awp/models";
import { isPerturbed } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Direction, landscape, type LandscapeOptions, type LandscapePoint, randomDirection } from "../src/index";
import { stateOf, toyBatches, toyNetwork } from "./toy";

const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 4 / 255, steps: 2, start: "uniform" });

let network: Network;
let direction: Direction;
let before: readonly number[];
let tensors: number;
beforeEach(() => {
  network = toyNetwork();
  before = stateOf(network);
  direction = randomDirection(network.parameters, random(1));
  tensors = tf.memory().numTensors;
});
afterEach(() => {
  expect(stateOf(network)).toEqual(before);
  expect(isPerturbed(network.parameters)).toBe(false);
  expect(tf.memory().numTensors).toBe(tensors);
  direction.dispose();
  disposeNetwork(network);
});

const start = (options: Partial<LandscapeOptions> = {}) =>
  landscape({
    network,
    batches: toyBatches({ size: 4 }),
    axes: [{ direction, positions: [-1, 0, 1] }],
    attack,
    pregenerated: true,
    statistics: "recalibrated",
    random: random(0),
    ...options,
  });

/** The attack, which does something at its n-th call. */
function atCall(n: number, act: () => void): Attack {
  let calls = 0;
  return (...given) => {
    calls += 1;
    if (calls === n) act();
    return attack(...given);
  };
}

describe("weights and statistics are as they were, and nothing is left on the device,", () => {
  it.each([1, 2, 5, 8])("after an abort during batch %i", async (batch) => {
    const stop = new AbortController();
    const running = start({ signal: stop.signal, attack: atCall(batch, () => stop.abort("enough")) });
    await expect(drain(running)).rejects.toBe("enough");
  });

  it.each([1, 2, 5])("after an attack that throws at batch %i", async (batch) => {
    const fail = () => {
      throw new Error("out of memory");
    };
    await expect(drain(start({ attack: atCall(batch, fail) }))).rejects.toThrow("out of memory");
  });

  it("after an early return, and between two points", async () => {
    const running = start();
    await running.next();
    expect(stateOf(network)).toEqual(before);
    await running.next();
    await running.return(undefined as never);
  });

  it("after an abort before it began", async () => {
    await expect(drain(start({ signal: AbortSignal.abort("no") }))).rejects.toBe("no");
  });
});

describe("an interrupted landscape", () => {
  it("goes on to the same points, and measures none again", async () => {
    const whole = await drain(start());
    const kept: LandscapePoint[] = [];
    for await (const { point, done, total } of start()) {
      kept.push(JSON.parse(JSON.stringify(point)) as LandscapePoint);
      expect([done, total]).toEqual([kept.length, 3]);
      if (kept.length === 2) break;
    }
    const events: number[] = [];
    const resumed = await drain(start({ measured: kept }), ({ done }) => events.push(done));
    expect(resumed).toEqual(whole);
    expect(events).toEqual([3]);
    const idle = atCall(1, () => expect.unreachable("everything is known"));
    expect(await drain(start({ measured: whole.points, attack: idle }))).toEqual(whole);
  });

  it("measures again what has not all that is asked for, and is not put off by points that are not on the grid", async () => {
    const whole = await drain(start());
    const measured = whole.points.map(({ at, clean, adversarial }) => ({ at, clean, adversarial: adversarial! }));
    const elsewhere = { at: [0.5], clean: { loss: 0, accuracy: 0 } };
    expect(await drain(start({ measured: [elsewhere, ...measured] }))).toEqual(whole);
  });
});

describe("what cannot be meant is refused before any point:", () => {
  const axis = (): { direction: Direction; positions: readonly number[] } => ({ direction, positions: [0] });
  const deltas = (name: string, shape: number[]): Direction => ({
    ...direction,
    deltas: new Map([[name, tf.zeros(shape)]]),
  });
  it.each<[string, () => Partial<LandscapeOptions>, string]>([
    ["no axis", () => ({ axes: [] }), "axes: got 0"],
    ["three axes", () => ({ axes: [axis(), axis(), axis()] }), "axes: got 3"],
    ["no position", () => ({ axes: [{ ...axis(), positions: [] }] }), "axes[0].positions: got []"],
    ["infinity", () => ({ axes: [axis(), { ...axis(), positions: [0, Infinity] }] }), "axes[1].positions"],
    ["a position twice", () => ({ axes: [{ ...axis(), positions: [1, 1] }] }), "each position once"],
    ["another name", () => ({ axes: [{ ...axis(), direction: deltas("fc", [2]) }] }), 'deltas["fc"]: got "an unknown'],
    ["another shape", () => ({ axes: [{ ...axis(), direction: deltas("linear.bias", [5]) }] }), "got [5], want"],
    ["no delta", () => ({ axes: [{ ...axis(), direction: { ...direction, deltas: new Map() } }] }), 'got "none"'],
    ["no batch", () => ({ batches: () => [] }), "batches: got"],
    ["unknown statistics", () => ({ statistics: "fresh" as "centre" }), "statistics: got"],
    ["pregenerated by nothing", () => ({ attack: undefined as unknown as Attack }), "pregenerated: got true"],
    ["rows", () => ({ random: random(0).forRows(Int32Array.of(1)) }), "random: got"],
  ])("%s", async (_, options, message) => {
    const idle = atCall(1, () => expect.unreachable("no work is to begin"));
    const given = options();
    tensors = tf.memory().numTensors;
    await expect(drain(start({ attack: idle, ...given }))).rejects.toThrow(message);
  });

  it("batches that are other ones the second time", async () => {
    let call = 0;
    const batches = () => toyBatches({ size: call++ === 0 ? 4 : 3 })();
    await expect(drain(start({ batches }))).rejects.toThrow("the same batches at each call");
  });
});
