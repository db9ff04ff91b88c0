import { type Batch, type ProcessGroup, random, useBackend } from "@awp/core";
import { disposeBatch, relabelled, synthetic } from "@awp/data";
import { disposeNetwork } from "@awp/models";
import { beforeAll, expect, it } from "vitest";
import { pipeline, type Recipe, recipes } from "../src/index";

const world = { random: random(0).fold(0), size: 8 };
const images = synthetic({ ...world, count: 20 });
const extra = relabelled(synthetic({ ...world, count: 10 }), { indices: [3, 4], classes: [1, 2] });

beforeAll(() => useBackend("wasm"));

/** A rank of three that has nothing to say. */
const rankOfThree = (rank: number): ProcessGroup => ({ rank, size: 3 }) as ProcessGroup;

interface Values {
  readonly images: readonly number[];
  readonly labels: readonly number[];
  readonly indices: readonly number[];
}

function valuesOf(batch: Batch): Values {
  const { images: pixels, labels, indices } = batch;
  const values = { images: [...pixels.dataSync()], labels: [...labels.dataSync()], indices: [...indices] };
  disposeBatch(batch);
  return values;
}

/** The values of an epoch's batches, one after the other. */
function epochOf(recipe: Recipe, group?: ProcessGroup): readonly Values[] {
  const options = pipeline(recipe, { images, extra, random: random(1), ...(group && { group }) });
  try {
    return Array.from(options.batches(0, random(2)) as Iterable<Batch>, valuesOf);
  } finally {
    options.average?.dispose();
    options.optimizer.dispose();
    disposeNetwork(options.network);
  }
}

const small = { ...recipes["at-awp"].cifar10.linf, network: "small-cnn", batchSize: 8, dropLast: true } as Recipe;

it.each<readonly [string, Recipe]>([
  ["augmented images", small],
  ["images mixed with one another", { ...small, regularization: { l1: 0, l2: 0, labelSmoothing: 0, mixup: 1 } }],
  ["two sets mixed", { ...small, extraFraction: 0.5 }],
])("the ranks' rows of %s are those of one process, in its order", (_, recipe) => {
  const whole = epochOf(recipe);
  const ranks = [0, 1, 2].map((rank) => epochOf(recipe, rankOfThree(rank)));
  expect(whole.length).toBeGreaterThan(1);
  for (const [step, { images: pixels, labels, indices }] of whole.entries()) {
    const rows = ranks.map((epoch) => epoch[step] as Values);
    expect(rows.flatMap((each) => each.indices)).toEqual(indices);
    expect(rows.flatMap((each) => each.labels)).toEqual(labels);
    expect(rows.flatMap((each) => each.images)).toEqual(pixels);
  }
});
