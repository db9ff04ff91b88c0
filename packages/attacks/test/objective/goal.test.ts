import { type Attack, type Classifier, type Images, type Labels, random } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { bim, pgd, towardsClass, towardsLeastLikely, towardsRandom, towardsRank } from "../../src/index";
import { toyImages, toyLabels, weights } from "../toy-problem";

const inner = (batch: number): Images => toyImages(batch, 0.4, 0.6);
const predicted = (classifier: Classifier, x: Images): Labels => tf.argMax(classifier(x), 1);

describe("the target of a goal", () => {
  const far = { norm: "linf", epsilon: 0.5, steps: 20 } as const;
  const reached = (attack: Attack, x: Images, y: Labels) => {
    const classifier = linearClassifier(weights(4));
    const keyed = random(3).forRows(Int32Array.from({ length: x.shape[0] }, (_, row) => row));
    return Array.from(predicted(classifier, attack(classifier, x, y, keyed)).dataSync());
  };

  it("is one class for all", () => {
    expect(reached(pgd({ ...far, goal: towardsClass(2) }), inner(5), toyLabels(5, 4))).toEqual([2, 2, 2, 2, 2]);
    expect(() => towardsClass(-1)).toThrow(/label: got -1/);
  });

  it("is the least likely class", () => {
    const x = inner(5);
    const least = Array.from(tf.argMax(tf.neg(linearClassifier(weights(4))(x)), 1).dataSync());
    expect(reached(pgd({ ...far, goal: towardsLeastLikely() }), x, toyLabels(5, 4))).toEqual(least);
  });

  it.each([1, 2, 4])("is the class of rank %i among the clean logits", (rank) => {
    const x = inner(5);
    const ranked = tf.topk(linearClassifier(weights(4))(x), 4).indices.arraySync() as number[][];
    const expected = ranked.map((classes) => classes[rank - 1]);
    expect(reached(pgd({ ...far, goal: towardsRank(rank) }), x, toyLabels(5, 4))).toEqual(expected);
  });

  it("is another class at random, the same wherever the example stands", () => {
    const [x, y] = [inner(40), toyLabels(40, 4)];
    const attack = bim({ ...far, goal: towardsRandom(4) });
    const classes = reached(attack, x, y);
    const apart = classes.map((label, row) => (label - (row % 4) + 4) % 4);
    expect(new Set(apart)).toEqual(new Set([1, 2, 3]));
    const fewer = reached(attack, tf.slice(x, 0, 7), tf.slice(y, 0, 7));
    expect(fewer).toEqual(classes.slice(0, 7));
    expect(() => towardsRandom(1)).toThrow(/classes: got 1/);
  });
});
