import { type Batch, type Classifier, drain, type ProcessGroup, random, uniform } from "@awp/core";
import { localGroups, skipLong } from "@awp/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import {
  autoAttack,
  type AutoAttackOptions,
  type AutoAttackReport,
  type AutoAttackState,
  decodeAutoAttackState,
  encodeAutoAttackState,
  type StageReport,
} from "../../src";

const [count, classes, batchSize] = [13, 5, 3];
const shape: [number, number, number] = [4, 4, 1];
// On the host, so that every tensor of a test is the driver's.
const [hidden, out, pixels] = tf.tidy(() => [
  uniform(random(1), [16, 24], -1, 1).dataSync(),
  uniform(random(2), [24, classes], -1, 1).dataSync(),
  uniform(random(3), [count, 16]).dataSync(),
]) as [Float32Array, Float32Array, Float32Array];

/** A network of one hidden layer; its logits are so large that cross-entropy has no gradient but near the boundary. */
const classifier: Classifier = (x) =>
  tf.tidy(() => {
    const flat = tf.sub<tf.Tensor2D>(tf.reshape(x, [-1, 16]), 0.5);
    const layer = tf.relu(tf.matMul(flat, tf.tensor2d(hidden, [16, 24])));
    return tf.mul(tf.matMul(layer, tf.tensor2d(out, [24, classes])), 400);
  });

/** What the network answers, but for the first two. */
const labels = tf.tidy(() => {
  const answers = tf.argMax(classifier(tf.tensor4d(pixels, [count, ...shape])), 1).dataSync();
  return Int32Array.from(answers, (answer, row) => (answer + (row < 2 ? 1 : 0)) % classes);
});

function* batchesOf(size = 5): Generator<Batch> {
  for (let start = 0; start < count; start += size) {
    const end = Math.min(start + size, count);
    yield {
      images: tf.tensor4d(pixels.slice(start * 16, end * 16), [end - start, ...shape]),
      labels: tf.tensor1d(labels.slice(start, end), "int32"),
      indices: Int32Array.from({ length: end - start }, (_, row) => 100 + start + row),
    };
  }
}

type Changes = Partial<AutoAttackOptions>;

const options = (changes: Changes): AutoAttackOptions => ({
  ...{ norm: "linf", epsilon: 0.04, classifier, batches: batchesOf(), batchSize, random: random(4) },
  ...changes,
});

/** Without what a clock decides. */
const timeless = (stages: readonly StageReport[]): StageReport[] => stages.map((stage) => ({ ...stage, seconds: 0 }));

interface Run {
  readonly report: AutoAttackReport;
  readonly events: readonly object[];
  readonly states: readonly AutoAttackState[];
}

async function run(changes: Changes): Promise<Run> {
  const events: object[] = [];
  const states: AutoAttackState[] = [];
  const report = await drain(autoAttack(options(changes)), ({ state, ...event }) => {
    events.push(event);
    states.push(state);
  });
  return { report, events, states };
}

/** All that a run told, and the bytes of its states, but for the clock. */
function told({ report, events, states }: Run): object {
  return {
    report: { ...report, stages: timeless(report.stages) },
    events: events.map((event) => ({ ...event, secondsLeft: 0 })),
    states: states.map((state) => encodeAutoAttackState({ ...state, stages: timeless(state.stages) })),
  };
}

const onRanks = (size: number, changes: (group: ProcessGroup) => Changes): Promise<Run[]> =>
  Promise.all(localGroups(size).map((group) => run({ ...changes(group), group })));

/** What the ranks fail with; all of them must. */
async function failures(size: number, changes: (group: ProcessGroup) => Changes): Promise<string[]> {
  const runs = localGroups(size).map((group) => run({ ...changes(group), group }));
  const settled = await Promise.allSettled(runs);
  return settled.map((each) => (each.status === "rejected" ? (each.reason as Error).message : "no failure"));
}

const standard: Changes = { stages: ["apgd-ce", "apgd-t", "fab-t"] };
let one: Promise<Run> | undefined;
const whole = (): Promise<Run> => (one ??= run(standard));

test("AutoAttack's report, events and states are those of one process, to the bit, on every rank", {
  timeout: 200_000,
}, async () => {
  const one = await whole();
  // Two stages break some, some stay: batches change from stage to stage, and the last turns are not full.
  expect(one.report.stages.map(({ attacked, broken }) => [attacked, broken])).toEqual([
    [11, 4],
    [7, 4],
    [3, 0],
  ]);
  for (const size of [2, 3]) {
    const ranks = await onRanks(size, () => standard);
    for (const each of ranks) expect(told(each)).toEqual(told(one));
    // The time too is the group's, and no rank's own.
    for (const each of ranks) expect(each).toEqual(ranks[0]);
  }
});

test.each([1, 2, 3])("AutoAttack goes on from any state on %i ranks, in the middle of a turn too", async (size) => {
  const one = await whole();
  const last = one.states.length - 1;
  // After the first batch of the second stage, in its midst, and at the end.
  for (const at of [4, last - 5, last]) {
    const state = decodeAutoAttackState(encodeAutoAttackState(one.states[at]!));
    const rest = { ...one, events: [], states: one.states.slice(at + 1) };
    const ranks = await onRanks(size, () => ({ ...standard, state }));
    for (const each of ranks) expect(told({ ...each, events: [] })).toEqual(told(rest));
  }
});

test("AutoAttack's report is that of one process with fewer batches than ranks, and none at all", async () => {
  const changes: Changes = { stages: ["square", "apgd-ce"], epsilon: 0.2, batchSize: 8 };
  const one = await run(changes);
  expect(one.report.stages.map(({ attacked }) => attacked)).toEqual([11, 0]);
  for (const each of await onRanks(3, () => changes)) expect(told(each)).toEqual(told(one));
});

test.for<[string, Changes]>([
  ["standard, as it is published", { version: "standard" }],
  ["rand", { version: "rand", stages: ["apgd-ce"], epsilon: 0.08 }],
  ["plus, its stages that standard has not", { version: "plus", stages: ["apgd-dlr", "fab"] }],
])("AutoAttack's report is the same on 3 ranks: %s", { timeout: 300_000 }, async ([name, changes], context) => {
  skipLong(`AutoAttack ${name}, twice over`, context);
  const one = await run(changes);
  for (const each of await onRanks(3, () => changes)) expect(told(each)).toEqual(told(one));
});

describe("AutoAttack ends on all ranks", () => {
  const failing: Classifier = (x) => {
    if (++calls > 40) throw new Error("out of memory");
    return classifier(x);
  };
  let calls = 0;

  test("where the classifier of one throws, and keeps no tensor", async () => {
    calls = 0;
    const before = tf.memory().numTensors;
    const found = await failures(3, ({ rank }) => (rank === 1 ? { ...standard, classifier: failing } : standard));
    const named = "rank 1 of 3, AutoAttack: out of memory";
    expect(found).toEqual([named, "out of memory", named]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test("where they are not given the same images", async () => {
    const [first] = await failures(2, ({ rank }) => ({
      batches: rank === 0 ? batchesOf() : [...batchesOf()].slice(1),
    }));
    expect(first).toContain('does "3 of 8 images, 105 to 107" where rank 0 does "3 of 13 images, 100 to 102"');
  });

  test("where one goes on from a state that the others have not", async () => {
    const { states } = await whole();
    const [first, second] = await failures(2, ({ rank }) =>
      rank === 0 ? standard : { ...standard, state: states[9]! },
    );
    expect(first).toContain('where rank 0 does "apgd-ce, restart 1: 3 of 13 images, 102 to 104"');
    expect(second).toBe(first);
  });
});
