import { type Batch, type Classifier, drain, random, type ThreatModel } from "@awp/core";
import { linearClassifier, marginPerEpsilon } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  autoAttack,
  type AutoAttackOptions,
  type AutoAttackReport,
  type AutoAttackState,
  decodeAutoAttackState,
  encodeAutoAttackState,
} from "../../src";
import { size, toyImages, weights } from "../toy-problem";

const count = 12;
const classes = 5;
const threat: ThreatModel = { norm: "linf", epsilon: 0.08 };
// On the host, so that every tensor of a test is the driver's. Far from the box, so that closed forms hold.
const [matrix, pixels, answers] = tf.tidy(() => {
  const [w, x] = [weights(classes), toyImages(count, 0.3, 0.7)];
  return [w.arraySync(), x.dataSync(), linearClassifier(w)(x).arraySync()] as unknown as [
    number[][],
    Float32Array,
    number[][],
  ];
});
const classifier: Classifier = (x) => tf.tidy(() => linearClassifier(tf.tensor2d(matrix))(x));
/** The classes that the classifier answers with, the first two of them wrong. */
const labels = answers.map((logits, row) => (logits.indexOf(Math.max(...logits)) + (row < 2 ? 1 : 0)) % classes);

function* inBatches(batchSize: number): Generator<Batch> {
  for (let start = 0; start < count; start += batchSize) {
    const end = Math.min(start + batchSize, count);
    yield {
      images: tf.tensor4d(pixels.slice(start * size, end * size), [end - start, 2, 2, 3]),
      labels: tf.tensor1d(labels.slice(start, end), "int32"),
      indices: Int32Array.from({ length: end - start }, (_, row) => start + row),
    };
  }
}

const options = (batchSize = count): AutoAttackOptions => ({
  ...threat,
  classifier,
  batches: inBatches(batchSize),
  batchSize,
  random: random(4),
  stages: ["apgd-ce", "apgd-t"],
});

/** Without what a clock decides, and what the size of batches does: how many rows went along filled up. */
function comparable({ stages, ...rest }: AutoAttackReport): object {
  return { ...rest, stages: stages.map(({ seconds: _, passes: __, ...stage }) => stage) };
}

/** Which examples no perturbation of the threat model can break: the margin to every class is above ε·‖w_t − w_y‖₁. */
function robustInClosedForm(): boolean[] {
  return labels.map((y, row) =>
    Array.from({ length: classes }, (_, t) => t).every((t) => {
      const difference = matrix.map((weightsOfPixel) => weightsOfPixel[t]! - weightsOfPixel[y]!);
      const room = threat.epsilon * marginPerEpsilon(difference, threat.norm);
      return t === y || answers[row]![y]! - answers[row]![t]! > room;
    }),
  );
}

test("AutoAttack breaks exactly what can be broken, and says how", async () => {
  const report = await drain(autoAttack({ ...options(), stages: ["apgd-ce", "apgd-t", "fab-t"] }));
  const expected = robustInClosedForm();
  expect(expected.filter(Boolean).length).toBeGreaterThan(1);
  expect(expected.slice(2).filter((robust) => !robust).length).toBeGreaterThan(1);
  expect(report.perExample.map(({ robust }) => robust)).toEqual(expected);
  expect(report).toMatchObject({ examples: count, classes, standard: false, version: "standard", flags: [] });
  expect(report.naturalAccuracy).toBeCloseTo((count - 2) / count, 10);
  expect(report.robustAccuracy).toBeCloseTo(expected.filter(Boolean).length / count, 10);
  for (const { natural, robust, brokenBy } of report.perExample) {
    expect(brokenBy !== undefined).toBe(natural && !robust);
    if (brokenBy !== undefined) expect(brokenBy.distance).toBeLessThanOrEqual(threat.epsilon * (1 + 1e-5) + 1e-6);
  }
  const attacked = report.stages.map((stage) => stage.attacked);
  expect(attacked[0]).toBe(count - 2);
  for (const [index, stage] of report.stages.entries()) {
    expect(attacked[index + 1] ?? report.robustAccuracy * count).toBeCloseTo(stage.attacked - stage.broken, 10);
  }
});

test.each([1, 5])("AutoAttack's report is the same in batches of %i", async (batchSize) => {
  const whole = await drain(autoAttack(options()));
  expect(comparable(await drain(autoAttack(options(batchSize))))).toEqual(comparable(whole));
});

test("AutoAttack goes on from a state that went through bytes, wherever it was stopped", async () => {
  const whole = comparable(await drain(autoAttack(options(4))));
  for (const stop of [1, 5]) {
    const running = autoAttack(options(4));
    let state: AutoAttackState | undefined;
    for (let i = 0; i < stop; i++) {
      const { value, done } = await running.next();
      if (done !== true) state = decodeAutoAttackState(encodeAutoAttackState(value.state));
    }
    await running.return(undefined as never);
    expect(comparable(await drain(autoAttack({ ...options(4), state: state as AutoAttackState })))).toEqual(whole);
  }
});

test("AutoAttack leaves the state of an event as it was, however far it goes on", async () => {
  const kept: { state: AutoAttackState; bytes: Uint8Array }[] = [];
  await drain(autoAttack(options(4)), ({ state }) => kept.push({ state, bytes: encodeAutoAttackState(state) }));
  expect(kept.length).toBeGreaterThan(3);
  for (const { state, bytes } of kept) expect(encodeAutoAttackState(state)).toEqual(bytes);
  // The first of them, kept in memory, is one to go on from.
  const resumed = await drain(autoAttack({ ...options(4), state: kept[0]!.state }));
  expect(comparable(resumed)).toEqual(comparable(await drain(autoAttack(options(4)))));
});

test("AutoAttack refuses a state of another evaluation", async () => {
  const { value } = await autoAttack(options()).next();
  const { state } = value as { state: AutoAttackState };
  await expect(drain(autoAttack({ ...options(), epsilon: 0.1, state }))).rejects.toThrow("state: got");
  expect(() => decodeAutoAttackState(new Uint8Array(3), "file")).toThrow("file: ");
});

test("AutoAttack keeps no tensor, whether it ends, is left or aborted", async () => {
  const before = tf.memory().numTensors;
  await drain(autoAttack({ ...options(5), stages: ["apgd-ce"] }));
  const left = autoAttack(options(5));
  await left.next();
  await left.return(undefined as never);
  const controller = new AbortController();
  const aborted = autoAttack({ ...options(5), signal: controller.signal });
  await aborted.next();
  controller.abort(new Error("enough"));
  await expect(aborted.next()).rejects.toThrow("enough");
  expect(tf.memory().numTensors).toBe(before);
});

describe("AutoAttack refuses", () => {
  test.each([
    [{ batchSize: 0 }, "batchSize: got 0"],
    [{ version: "best" as never, stages: undefined as never }, 'version: got "best"'],
    [{ stages: ["apgd-dlr" as const] }, 'stages: got "apgd-dlr"'],
    [{ batches: [] }, "batches: got"],
    [{ epsilon: -1 }, "epsilon: got -1"],
  ])("%o", async (change, message) => {
    await expect(drain(autoAttack({ ...options(), ...change }))).rejects.toThrow(message);
  });
});

test("AutoAttack on two classes: the stages that need more are left out, and a flag says so", async () => {
  const two = linearClassifier(weights(2));
  const x = toyImages(4);
  const y = tf.argMax<tf.Tensor1D>(two(x), 1);
  const batch = { images: x, labels: y, indices: Int32Array.of(0, 1, 2, 3) };
  const report = await drain(
    autoAttack({ ...threat, classifier: two, batches: [batch], random: random(1), stages: ["apgd-t", "fab-t"] }),
  );
  expect(report.stages.map(({ name }) => name)).toEqual(["fab-t"]);
  expect(report.flags.map(({ kind }) => kind)).toEqual(["few-classes"]);
  expect(size).toBe(12);
});

test("AutoAttack's report without a stage of its version is not standard", async () => {
  const two = linearClassifier(weights(2));
  const x = toyImages(2);
  // All wrong already, so that nothing is attacked.
  const y = tf.sub(tf.scalar(1, "int32"), tf.argMax<tf.Tensor1D>(two(x), 1)) as tf.Tensor1D;
  const batch = { images: x, labels: y, indices: Int32Array.of(0, 1) };
  const report = await drain(autoAttack({ ...threat, classifier: two, batches: [batch], random: random(1) }));
  expect(report).toMatchObject({ standard: false, naturalAccuracy: 0, robustAccuracy: 0 });
  expect(report.stages.map(({ name, attacked }) => [name, attacked])).toEqual([
    ["apgd-ce", 0],
    ["fab-t", 0],
    ["square", 0],
  ]);
});
