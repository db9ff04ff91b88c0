import { type Classifier, type Images, type Labels, type Logits, random, uniform } from "@awp/core";
import { linearClassifier } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { classifierFlags, stageFlags } from "../../src/auto-attack/flags";
import type { StageReport } from "../../src/auto-attack/report";
import { toyImages, weights } from "../toy-problem";

const linear = linearClassifier(weights(4));

function noisy(): Classifier {
  let call = 0;
  return (x) => tf.add<Logits>(linear(x), uniform(random(8).fold(call++), [x.shape[0], 4]));
}

/** Learns from every image that is not the first. */
function adapting(): Classifier {
  let seen = 0;
  return (x) => {
    if (x.shape[0] > 1) seen++;
    return tf.add<Logits>(linear(x), tf.tensor1d([seen, 0, 0, 0]));
  };
}

const classifiers: Record<string, { classifier: () => Classifier; kinds: string[] }> = {
  "a plain one": { classifier: () => linear, kinds: [] },
  "noise in the forward pass": { classifier: noisy, kinds: ["randomised"] },
  "adaptation to the test data": { classifier: adapting, kinds: ["stateful"] },
  "statistics of the batch": {
    classifier: () => (x) => linear(tf.sub<Images>(x, tf.mean(x, 0, true))),
    kinds: ["batch-dependent"],
  },
  "a softmax at the end": { classifier: () => (x) => tf.softmax(linear(x)), kinds: ["softmax-output"] },
  "a step in front": {
    classifier: () => (x) => linear(tf.cast(tf.greater(x, 0.5), "float32") as Images),
    kinds: ["zero-gradient"],
  },
  "two classes": { classifier: () => linearClassifier(weights(2)), kinds: ["few-classes"] },
  "logits whose gradient is not a number": {
    // The slope of a root at 0 is infinite, and 0 times that no number.
    classifier: () => (x) => tf.add(linear(x), tf.mul(tf.sqrt(tf.mul(linear(x), 0)), 0)),
    kinds: ["zero-gradient"],
  },
};

test.each(Object.entries(classifiers))("the flags of a classifier: %s", async (_, { classifier, kinds }) => {
  const images = toyImages(6);
  const labels = predictions(images, kinds.includes("few-classes") ? linearClassifier(weights(2)) : linear);
  const subject = classifier();
  const before = tf.memory().numTensors;
  const flags = await classifierFlags(subject, images, labels, { expectRandom: false });
  expect(tf.memory().numTensors).toBe(before);
  expect(flags.map(({ kind }) => kind)).toEqual(kinds);
  for (const { advice } of flags) expect(advice.length).toBeGreaterThan(40);
});

test("an attack on the expectation takes a randomised classifier as it is", async () => {
  const images = toyImages(6);
  expect(await classifierFlags(noisy(), images, predictions(images, linear), { expectRandom: true })).toEqual([]);
});

function predictions(images: Images, classifier: Classifier): Labels {
  return tf.argMax(classifier(images), 1);
}

const stage = (name: StageReport["name"], broken: number): StageReport => ({
  name,
  attacked: 50,
  broken,
  robustAccuracy: 0.5,
  seconds: 1,
  passes: { forward: 0, backward: 0 },
});

test("Square that breaks what attacks by gradient left is flagged, not what a stage after it breaks", () => {
  const kinds = (...stages: StageReport[]) => stageFlags(stages, 100).map(({ kind }) => kind);
  expect(kinds(stage("apgd-ce", 9), stage("square", 1))).toEqual(["square-lowers-minimum"]);
  expect(kinds(stage("apgd-ce", 9), stage("square", 0), stage("fab-t", 4))).toEqual([]);
  expect(kinds(stage("square", 5))).toEqual([]);
});
