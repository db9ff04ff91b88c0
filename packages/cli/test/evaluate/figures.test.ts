import { join } from "node:path";
import { autoAttack, evaluate, paperAttacks } from "@awp/attacks";
import { type Classifier, drain, random } from "@awp/core";
import { batches } from "@awp/data";
import { imageFolder } from "@awp/data/node";
import { disposeNetwork, networkNamed, resized } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeEach, describe, expect, test } from "vitest";
import type { EvaluationReport } from "../../src/evaluate/report";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { randomWeights, writeGraphModel, writeLayersModel } from "./linear-model";
import { randomPictures, writePictures } from "./pictures";

const side = 4;
const classes = 3;
const shape = [side, side, 3] as const;
const pixels = side * side * 3;
// So steep that a softmax over them is exactly 0 or 1, and has no gradient.
const weights = randomWeights(pixels, classes, 4000);

const linear: Classifier = (x) => tf.matMul(tf.reshape(x, [-1, pixels]), tf.tensor2d(weights));

let folder = "";
let data = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  data = await writePictures(join(folder, "pictures"), randomPictures(side, classes, 8, weights));
});

async function report(model: string, ...args: readonly string[]): Promise<EvaluationReport> {
  const common = ["--data", data, "--backend", "cpu", "--batch-size", "4", "--seed", "3", "--json"];
  const { code, stdout, stderr } = await awp("evaluate", model, ...common, ...args);
  expect(stderr).not.toContain("error");
  expect(code).toBe(0);
  return JSON.parse(stdout) as EvaluationReport;
}

/** Which pictures CW∞ leaves, by the library itself, in other batches. */
async function robustUnderCw(classifier: Classifier, epsilon: number): Promise<boolean[]> {
  const attack = paperAttacks.cwInf({ epsilon, stepSize: epsilon / 4 });
  const images = batches(await imageFolder({ directory: data }), { batchSize: 24 });
  const { perExample } = await drain(evaluate({ classifier, attack, batches: images, random: random(3) }));
  return perExample.map(({ robust }) => robust);
}

describe.each([
  ["a layers model", writeLayersModel],
  ["a graph model", writeGraphModel],
] as const)("%s", (_, write) => {
  test.each([false, true])("has the figures that the library finds without it (softmax: %s)", async (softmax) => {
    const model = await write(join(folder, "model"), { shape, weights, softmax });
    const { perExample, naturalAccuracy } = await report(model, "--attack", "cw-inf", "--epsilon", "4/255");
    const robust = await robustUnderCw(linear, 4 / 255);
    expect(perExample.map((example) => example.robust)).toEqual(robust);
    // So that the equality says something: some of the pictures that are right are broken, and some are not.
    const left = robust.filter(Boolean).length / robust.length;
    expect([left > 0, left < naturalAccuracy]).toEqual([true, true]);
  });
});

test("a model is told that wants another scale", async () => {
  // logits = W·(255·bgr − mean)/std: weights of the reversed channels, and a shift that each class has alike.
  const scaled = weights.map((_, pixel) => weights[pixel - (pixel % 3) + (2 - (pixel % 3))]!.map((w) => (2 * w) / 255));
  const model = await writeLayersModel(join(folder, "model"), { shape, weights: scaled, softmax: false });
  const wanted = await robustUnderCw(
    (x) => tf.matMul(tf.sub(tf.reshape(x, [-1, pixels]), 100 / 255), tf.tensor2d(weights)),
    4 / 255,
  );
  const { perExample } = await report(
    model,
    ...["--attack", "cw-inf", "--epsilon", "4/255"],
    ...["--range", "0,255", "--bgr", "--mean", "100,100,100", "--std", "2,2,2"],
  );
  expect(perExample.map((example) => example.robust)).toEqual(wanted);
});

test("a model of a larger size resizes the pictures itself, and its folder names it", async () => {
  const large = { height: 2 * side, width: 2 * side };
  // Each weight is shared out to the four pixels that a pixel becomes.
  const shared = Array.from({ length: 4 * pixels }, (_, at) => {
    const [y, x, channel] = [Math.floor(at / 6 / side), Math.floor(at / 3) % (2 * side), at % 3];
    return weights[(Math.floor(y / 2) * side + Math.floor(x / 2)) * 3 + channel]!.map((weight) => weight / 4);
  });
  const model = join(folder, "model");
  await writeLayersModel(model, { shape: [large.height, large.width, 3], weights: shared, softmax: true });
  const wide: Classifier = (x) => tf.matMul(tf.reshape(x, [-1, 4 * pixels]), tf.tensor2d(shared));
  const robust = await robustUnderCw(resized(wide, large), 4 / 255);
  const attack = ["--attack", "cw-inf", "--epsilon", "4/255"];
  const { perExample } = await report(model, "--resize", "--size", `${side}`, ...attack);
  expect(perExample.map((example) => example.robust)).toEqual(robust);
});

test.each(["safetensors", "pt"])("a network in a .%s has the figures of the network in memory", async (ending) => {
  const network = networkNamed("small-cnn")({ classes, size: side, random: random(8) });
  const file = join(folder, `network.${ending}`);
  await saveWeights(network, file);
  const { perExample, model } = await report(
    file,
    ...["--network", "small-cnn", "--attack", "cw-inf", "--epsilon", "0.05"],
  );
  const robust = await robustUnderCw((x) => network.forward(x, "eval"), 0.05);
  disposeNetwork(network);
  expect(perExample.map((example) => example.robust)).toEqual(robust);
  expect(model.kind).toBe("network");
});

test("AutoAttack has the stages, the flags and the breaks of the library's report", async () => {
  const gentle = weights.map((row) => row.map((weight) => weight / 1000));
  const classifier: Classifier = (x) => tf.matMul(tf.reshape(x, [-1, pixels]), tf.tensor2d(gentle));
  const model = await writeLayersModel(join(folder, "model"), { shape, weights: gentle, softmax: true });
  const { runs, perExample } = await report(model, "--epsilon", "0.1");
  const images = batches(await imageFolder({ directory: data }), { batchSize: 4 });
  const threat = { norm: "linf", epsilon: 0.1 } as const;
  const wanted = await drain(autoAttack({ ...threat, classifier, batches: images, random: random(3), batchSize: 4 }));
  const withoutSeconds = (stages: typeof wanted.stages) => stages.map(({ seconds: _, ...stage }) => stage);
  expect(withoutSeconds(runs[0]?.autoAttack?.stages ?? [])).toEqual(withoutSeconds(wanted.stages));
  expect(runs[0]?.autoAttack?.flags).toEqual(wanted.flags);
  expect(perExample.map(({ index, robust, brokenBy: [found] }) => [index, robust, found?.stage, found?.round])).toEqual(
    wanted.perExample.map(({ index, robust, brokenBy }) => [index, robust, brokenBy?.stage, brokenBy?.attack]),
  );
  expect(wanted.perExample.some(({ brokenBy }) => brokenBy !== undefined)).toBe(true);
});
