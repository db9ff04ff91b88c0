import { pgd } from "@awp/attacks";
import { crossEntropy, drain, type Network, random } from "@awp/core";
import { trades } from "@awp/defenses";
import { disposeNetwork } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Direction, landscape, type LandscapeOptions, type LandscapePoint, randomDirection } from "../src/index";
import { stateOf, toyBatches, toyNetwork } from "./toy";

const attack = pgd({ norm: "linf", epsilon: 8 / 255, stepSize: 2 / 255, steps: 5, start: "uniform" });

let network: Network;
let direction: Direction;
beforeEach(() => {
  network = toyNetwork();
  direction = randomDirection(network.parameters, random(1));
});
afterEach(() => {
  direction.dispose();
  disposeNetwork(network);
});

async function measured(options: Partial<LandscapeOptions> & { positions?: readonly number[] } = {}) {
  const { positions = [-0.5, 0, 0.5], ...others } = options;
  const axes = [{ direction, positions }];
  return drain(landscape({ network, batches: toyBatches(), axes, attack, random: random(0), ...others }));
}

/** The loss and accuracy of the network as it is, image by image. */
function plain(): { readonly loss: number; readonly accuracy: number } {
  let [loss, right, count] = [0, 0, 0];
  for (const { images, labels } of toyBatches()()) {
    const logits = network.forward(images, "eval");
    const classes = [...tf.argMax(logits, 1).dataSync()];
    right += classes.filter((each, row) => each === labels.dataSync()[row]).length;
    for (const each of crossEntropy(logits, labels).dataSync()) loss += each;
    count += images.shape[0];
  }
  return { loss: loss / count, accuracy: right / count };
}

const at = (points: readonly LandscapePoint[], ...place: number[]): LandscapePoint =>
  points.find((point) => point.at.join() === place.join())!;

describe("a landscape", () => {
  it("is the plain loss at 0, exactly", async () => {
    const { points } = await measured();
    expect(at(points, 0).clean).toEqual(plain());
    expect(at(points, 0.5).clean.loss).not.toBe(plain().loss);
  });

  it("has the images made at the centre equal to those made anew there, and weaker ones elsewhere", async () => {
    const { points } = await measured({ pregenerated: true, positions: [-1, 0, 1] });
    expect(at(points, 0).pregenerated).toEqual(at(points, 0).adversarial);
    for (const place of [-1, 1]) {
      expect(at(points, place).pregenerated!.loss).toBeLessThan(at(points, place).adversarial!.loss);
    }
  });

  it("is never lower under attack than on the images as they are", async () => {
    const { points } = await measured({ positions: [-2, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2] });
    for (const { clean, adversarial } of points) {
      expect(adversarial!.loss).toBeGreaterThanOrEqual(clean.loss);
      expect(adversarial!.accuracy).toBeLessThanOrEqual(clean.accuracy);
    }
  });

  it("is the same from the same seed, whatever the batches, and another one from another", async () => {
    const one = await measured();
    expect(await measured({ batches: toyBatches({ size: 5 }) })).toEqual(one);
    const other = await measured({ random: random(1) });
    expect(at(other.points, 0).clean).toEqual(at(one.points, 0).clean);
    expect(at(other.points, 0).adversarial).not.toEqual(at(one.points, 0).adversarial);
  });

  it("draws the same noise at every point: the same one where the direction is zero", async () => {
    const zero = { ...direction, deltas: new Map([...direction.deltas].map(([name, d]) => [name, tf.zerosLike(d)])) };
    const { points } = await measured({ axes: [{ direction: zero, positions: [1, 2] }] });
    expect({ ...points[1], at: [1] }).toEqual(points[0]);
  });

  it("lies on a grid that may be negative throughout, and is told in ascending order", async () => {
    const { points, axes, images, statistics } = await measured({ positions: [-0.1, -3, -2] });
    expect(points.map((point) => point.at)).toEqual([[-3], [-2], [-0.1]]);
    expect(axes).toEqual([{ direction: "random, filter-normalised", positions: [-3, -2, -0.1] }]);
    expect([images, statistics]).toEqual([12, "centre"]);
    expect(JSON.parse(JSON.stringify(points))).toEqual(points);
  });

  it("takes any loss of a defense, whose forward passes it shares", async () => {
    const defense = trades({ attack, beta: 6 });
    const { points } = await measured({ loss: (...given) => defense.loss(...given) });
    const own = await measured();
    // Of the images as they are there is no divergence, and of adversarial ones there is.
    expect(at(points, 0.5).clean).toEqual(at(own.points, 0.5).clean);
    expect(at(points, 0.5).adversarial!.loss).toBeGreaterThan(at(points, 0.5).clean.loss);
    expect(at(points, 0.5).adversarial!.accuracy).toBe(at(own.points, 0.5).adversarial!.accuracy);
  });

  it("of a plane has both lines through the centre on it", async () => {
    const second = randomDirection(network.parameters, random(2));
    const positions = [-0.5, 0, 0.5];
    const plane = await measured({ axes: [direction, second].map((each) => ({ direction: each, positions })) });
    expect(plane.points.map((point) => point.at)).toEqual(positions.flatMap((a) => positions.map((b) => [a, b])));
    const along = await measured();
    const across = await measured({ axes: [{ direction: second, positions }] });
    expect(at(plane.points, 0.5, 0)).toEqual({ ...at(along.points, 0.5), at: [0.5, 0] });
    expect(at(plane.points, 0, -0.5)).toEqual({ ...at(across.points, -0.5), at: [0, -0.5] });
    second.dispose();
  });

  it("leaves nothing on the device and weights and statistics as they were, bit for bit", async () => {
    const before = stateOf(network);
    for (const statistics of ["centre", "recalibrated"] as const) {
      await expect(() => measured({ statistics, pregenerated: true })).toAllocateAsync(0);
      expect(stateOf(network)).toEqual(before);
    }
  });
});
