import { ArgumentError, type Attack, type Labels, type Logits, random, valueAndGradient } from "@awp/core";
import { finiteDifference, relativeDeviation } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mart, martLoss } from "../src/index";
import { noiseBatch, type WatchedNetwork, watchedNetwork } from "./watched-network";

let network: WatchedNetwork;
beforeEach(() => {
  network = watchedNetwork();
});
afterEach(() => network.dispose());

const brightest: Attack = (classifier, x) => {
  tf.dispose(classifier(x));
  return tf.onesLike(x);
};

const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const natural = [
  [2, 1, 0.5, -1],
  [0.5, 0, 3, 2],
  [-1, 0.2, 0.1, 4],
];
const adversarial = [
  [0.5, 1.2, 0.3, -1],
  [0, 1, 1.5, 2.2],
  [6, -2, -3, -1],
];
const labels = [0, 2, 3];

/** The loss as the paper and the authors' constants have it, in double precision and without a thought for stability. */
function byHand(p: readonly number[], q: readonly number[], y: number): { boosted: number; weighted: number } {
  const rightP = p[y]!;
  const wrongQ = Math.max(...q.filter((_, j) => j !== y));
  const divergence = p.reduce((sum, each, j) => sum + each * (Math.log(each) - Math.log(q[j]! + 1e-12)), 0);
  return {
    boosted: -Math.log(q[y]!) - Math.log(1.0001 - wrongQ + 1e-12),
    weighted: (1.0000001 - rightP) * divergence,
  };
}

function softmax(logits: readonly number[]): number[] {
  const exponentials = logits.map(Math.exp);
  const sum = exponentials.reduce((total, each) => total + each, 0);
  return exponentials.map((each) => each / sum);
}

describe("martLoss", () => {
  const given = (): [Logits, Logits, Labels] => [
    tf.tensor2d(natural),
    tf.tensor2d(adversarial),
    tf.tensor1d(labels, "int32"),
  ];

  it.each([0, 1, 5])("adds up the boosted cross-entropy and %d times the weighted divergence", (beta) => {
    const expected = natural.map((row, i) => {
      const { boosted, weighted } = byHand(softmax(row), softmax(adversarial[i]!), labels[i]!);
      return boosted + beta * weighted;
    });
    expect(relativeDeviation(martLoss(...given(), beta), expected)).toBeLessThan(1e-6);
  });

  it("has the gradients that finite differences find, through p, q and the doubt 1 − p_y", () => {
    const [p, q, y] = given();
    const inNatural = valueAndGradient((z) => martLoss(z, q, y, 6), p).gradient;
    const expectedNatural = finiteDifference((z) => martLoss(z as Logits, q, y, 6), p);
    expect(relativeDeviation(inNatural, expectedNatural)).toBeLessThan(1e-3);
    const inAdversarial = valueAndGradient((z) => martLoss(p, z, y, 6), q).gradient;
    const expectedAdversarial = finiteDifference((z) => martLoss(p, z as Logits, y, 6), q);
    expect(relativeDeviation(inAdversarial, expectedAdversarial)).toBeLessThan(1e-3);
  });

  it("stays below the floors' logarithms where a wrong class takes all, with a gradient of at most 1 a term", () => {
    const y = tf.tensor1d([0], "int32");
    const sure = tf.tensor2d([[0, 100, 0]]);
    const { value, gradient } = valueAndGradient((z) => martLoss(sure, z, y, 0), sure);
    expect(value.dataSync()[0]).toBeCloseTo(100 - Math.log(1e-4), 4);
    expect(values(gradient).every((slope) => Math.abs(slope) <= 1)).toBe(true);
    const opposite = martLoss(tf.tensor2d([[0, 0, 100]]), sure, y, 1);
    const boosted = martLoss(sure, sure, y, 0);
    expect(values(tf.sub(opposite, boosted))[0]).toBeCloseTo(-Math.log(1e-12), 4);
  });

  it("has the exact slope where the likeliest class is almost 1, of which 1 − q in float32 has two digits", () => {
    const logits = [0, 11.5, -20];
    const [right = 0, , last = 0] = softmax(logits);
    const rest = right + last;
    const slope = (rest / (rest + 1e-4)) * (right / rest - right);
    const z = tf.tensor2d([logits]);
    const { gradient } = valueAndGradient((at) => martLoss(z, at, tf.tensor1d([0], "int32"), 0), z);
    expect(values(gradient)[0]).toBeCloseTo(right - 1 - slope, 6);
  });

  it("leaves one tensor, and none when it refuses its arguments", () => {
    const [p, q, y] = given();
    expect(() => martLoss(p, q, y, 6)).toAllocate(1);
    expect(() => valueAndGradient((z) => martLoss(p, z, y, 6), q)).toAllocate(2);
    const narrow: Logits = tf.zeros([3, 1]);
    const wrong: [() => tf.Tensor, string][] = [
      [() => martLoss(p, narrow, y, 6), "adversarial: got [3, 1]"],
      [() => martLoss(narrow, narrow, y, 6), "at least 2 classes"],
      [() => martLoss(p, q, tf.slice(y, 0, 2), 6), "labels"],
      [() => martLoss(p, q, y, Number.NaN), "beta: got NaN"],
    ];
    for (const [call, message] of wrong) {
      expect(() => expect(() => tf.tidy(call)).toThrow(message)).toAllocate(0);
      expect(() => tf.tidy(call)).toThrow(ArgumentError);
    }
  });
});

describe("mart", () => {
  it("attacks in evaluation mode unless it is told otherwise", () => {
    mart({ attack: brightest }).attack(network, noiseBatch(), random(0));
    mart({ attack: brightest, attackMode: "train" }).attack(network, noiseBatch(), random(0));
    expect(network.passes.map(({ mode }) => mode)).toEqual(["eval", "train"]);
  });

  it("passes forward on x and then on x', in the given mode, and has the loss of each example", () => {
    const batch = noiseBatch();
    const attacked = tf.onesLike(batch.images);
    const loss = mart({ attack: brightest, beta: 5 }).loss(network, batch, attacked, "train-frozen");
    expect(network.passes).toEqual([
      { mode: "train-frozen", sum: tf.sum(batch.images).dataSync()[0] },
      { mode: "train-frozen", sum: batch.images.size },
    ]);
    const logits = (x: tf.Tensor4D): Logits => network.forward(x, "eval");
    const each = martLoss(logits(batch.images), logits(attacked), batch.labels, 5);
    expect(loss.dataSync()).toEqual(each.dataSync());
  });

  it("keeps what it returns and no more", () => {
    const batch = noiseBatch();
    const defense = mart({ attack: brightest });
    expect(() => defense.attack(network, batch, random(0))).toAllocate(1);
    expect(() => defense.loss(network, batch, batch.images, "train")).toAllocate(1);
    expect(defense).not.toHaveProperty("afterStep");
  });

  it("refuses a beta that is no weight, and a mode that is none", () => {
    expect(() => mart({ attack: brightest, beta: -1 })).toThrow("beta: got -1");
    const attackMode = "test" as "eval";
    expect(() => mart({ attack: brightest, attackMode })).toThrow('attackMode: got "test"');
  });
});
