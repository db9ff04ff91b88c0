import { decodeSafetensors, encodeSafetensors, type Network, networkEntries, normal, random } from "@awp/core";
import { disposeNetwork } from "@awp/models";
import { awp } from "@awp/perturb";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awpDirection, directionFrom, directionTo, planeThrough, trajectory } from "../../src/index";
import { toyNetwork } from "../toy";

let network: Network;
beforeEach(() => (network = toyNetwork()));
afterEach(() => disposeNetwork(network));

const flat = (tensors: ReadonlyMap<string, tf.Tensor>): number[] =>
  [...tensors.values()].flatMap((tensor) => [...tensor.dataSync()]);

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Weights beside the network's, at `[α, β]` of two fixed directions of its parameters. */
function beside(alpha: number, beta = 0): ReadonlyMap<string, tf.Tensor> {
  const moved = [...network.parameters].map(([name, weight], k) => {
    const [along, across] = random(5).fold(k).split();
    const delta = (source: typeof along, size: number) => tf.mul(normal(source!, weight.shape), size);
    return [name, tf.add(weight, tf.add(delta(along, alpha), delta(across, beta)))] as const;
  });
  return new Map(moved);
}

const stored = async () => decodeSafetensors(encodeSafetensors(await networkEntries(network))).entries;

describe("the direction to another checkpoint", () => {
  it("leads there, from tensors and from a file of PyTorch's layouts with its running statistics", async () => {
    const other = beside(0.1);
    const file = await stored();
    const direction = directionTo(network.parameters, other);
    flat(direction.deltas).forEach((value, i) =>
      expect(value).toBeCloseTo(flat(other)[i]! - flat(network.parameters)[i]!, 6),
    );
    const home = directionTo(network.parameters, file);
    expect(new Set(flat(home.deltas).map(Math.abs))).toEqual(new Set([0]));
    expect(() => directionTo(network.parameters, file).dispose()).toAllocate(0);
    direction.dispose();
    home.dispose();
  });

  it("is refused for weights of another network", async () => {
    const file = await stored();
    const with_ = (change: (entries: Map<string, unknown>) => void) => {
      const entries = new Map<string, unknown>(file);
      change(entries);
      return entries as typeof file;
    };
    const refused = (entries: typeof file) => () => directionTo(network.parameters, entries);
    expect(() => {
      expect(refused(with_((e) => e.delete("linear.weight")))).toThrow("other lacks linear.weight");
      expect(refused(with_((e) => e.set("fc.weight", e.get("linear.weight"))))).toThrow("which has no fc.weight");
      expect(refused(with_((e) => e.set("linear.bias", e.get("linear.weight"))))).toThrow('other["linear.bias"]: got');
    }).toAllocate(0);
  });
});

describe("a direction from a file", () => {
  it("has TensorFlow.js's layouts, and what is missing stays", async () => {
    const entries = [...(await stored())].filter(([name]) => /^(conv1|linear)\.weight$/.test(name));
    const wrapped = new Map(entries.map(([name, entry]) => [`module.${name}`, entry]));
    const direction = directionFrom(wrapped, network.parameters, { description: "the weights themselves" });
    expect(direction.description).toBe("the weights themselves");
    expect([...direction.deltas.keys()]).toEqual(["conv1.weight", "linear.weight"]);
    for (const [name, delta] of direction.deltas) {
      expect([...delta.dataSync()]).toEqual([...network.parameters.get(name)!.dataSync()]);
    }
    const normalised = directionFrom(new Map(entries), network.parameters, { normalization: "layer" });
    expect(normalised.description).toBe("given, layer-normalised");
    normalised.dispose();
    direction.dispose();
    expect(() => directionFrom(wrapped, network.parameters).dispose()).toAllocate(0);
  });
});

describe("the direction of AWP", () => {
  it("is its perturbation at gamma 1, whatever gamma", () => {
    const loss = () => tf.tidy(() => tf.sum(tf.square(network.parameters.get("linear.weight")!)) as tf.Scalar);
    const found = awp({ gamma: 0.01 })(network.parameters, loss, random(0));
    const direction = awpDirection(network.parameters, awp({ gamma: 0.5 }), loss, random(0));
    expect(direction.description).toBe("AWP, layer-normalised");
    const [wanted, given] = [flat(found.deltas), flat(direction.deltas)];
    given.forEach((value, i) => expect(0.01 * value).toBeCloseTo(wanted[i]!, 6));
    found.dispose();
    direction.dispose();
    expect(() => awpDirection(network.parameters, awp({ gamma: 0.5 }), loss, random(0)).dispose()).toAllocate(0);
  });
});

describe("a plane", () => {
  it("through three checkpoints is orthonormal, and leads to them by their coordinates", async () => {
    const [a, b] = [beside(0.3), beside(-0.1, 0.2)];
    const plane = await planeThrough(network.parameters, a, b);
    const { directions, coordinates } = plane;
    const [first, second] = directions.map(({ deltas }) => flat(deltas)) as [number[], number[]];
    expect([dot(first, first), dot(second, second)].map((each) => each.toFixed(4))).toEqual(["1.0000", "1.0000"]);
    expect(dot(first, second)).toBeCloseTo(0, 4);
    expect(coordinates[0]![1]).toBe(0);
    for (const [k, checkpoint] of [a, b].entries()) {
      const [alpha, beta] = coordinates[k]!;
      const centre = flat(network.parameters);
      flat(checkpoint).forEach((value, i) =>
        expect(centre[i]! + alpha * first[i]! + beta * second[i]!).toBeCloseTo(value, 4),
      );
    }
    plane.dispose();
    await expect(async () => (await planeThrough(network.parameters, a, b)).dispose()).toAllocateAsync(0);
  });

  it("is none where the checkpoints lie on one line", async () => {
    const [near, far] = [beside(0.1), beside(-0.3)];
    const here = network.parameters;
    await expect(async () => {
      await expect(planeThrough(here, near, far)).rejects.toThrow("weights on one line");
      await expect(planeThrough(here, here, far)).rejects.toThrow("a: got");
      await expect(trajectory(here, [near, far])).rejects.toThrow("weights on one line");
      await expect(trajectory(here, [near])).rejects.toThrow("at least two");
    }).toAllocateAsync(0);
  });
});

it("a trajectory on a plane is explained by two components, and its places have the distances of the checkpoints", async () => {
  const places = [
    [2, 1],
    [1, 1],
    [0.5, 0.75],
    [0, 0.25],
    [0, 0],
  ] as const;
  const checkpoints = places.map(([alpha, beta]) => beside(alpha, beta));
  const way = await trajectory(network.parameters, checkpoints);
  const { directions, coordinates, explained } = way;
  expect(explained[0]).toBeGreaterThan(explained[1]);
  expect(explained[0] + explained[1]).toBeCloseTo(1, 4);
  const centre = flat(network.parameters);
  const [first, second] = directions.map(({ deltas }) => flat(deltas)) as [number[], number[]];
  for (const [k, checkpoint] of checkpoints.entries()) {
    const away = flat(checkpoint).map((value, i) => value - centre[i]!);
    const [alpha, beta] = coordinates[k]!;
    expect(Math.hypot(alpha, beta)).toBeCloseTo(Math.hypot(...away), 2);
    expect(dot(first, away)).toBeCloseTo(alpha, 2);
    expect(dot(second, away)).toBeCloseTo(beta, 2);
  }
  way.dispose();
  await expect(async () => (await trajectory(network.parameters, checkpoints)).dispose()).toAllocateAsync(0);
});
