import { rankThreads, relativeDeviation } from "@awp/testing";
import { afterAll, describe, expect, it } from "vitest";
import { useBackend } from "@awp/core";
import { trainedReplicas } from "./plain-loop";
import { alone } from "../src/index";
import { type Settings, type Trained, trained } from "./training";

const module = new URL("training.ts", import.meta.url);
const threads = rankThreads(4);
afterAll(() => threads.close());

const parts = ["weights", "statistics", "momentum", "average", "losses"] as const;

/** The largest relative deviation of each part. */
function deviations(actual: Trained, expected: Trained): Record<string, number> {
  return Object.fromEntries(
    parts.map((part) => [part, expected[part].length === 0 ? 0 : relativeDeviation(actual[part], expected[part])]),
  );
}

describe("20 steps of AT-AWP on a network without batch normalisation", () => {
  it.each<readonly [size: number, Settings]>([
    [2, {}],
    [4, {}],
    [3, { clip: 0.1, batchSize: 10 }],
    [2, { microBatches: 2 }],
  ])("on %i ranks are those of one process on the whole batch: %o", async (size, settings) => {
    const whole = await trained(alone, settings);
    const all = await threads.run<Trained>(size, module, "trained", settings);
    for (const rank of all) expect(rank).toEqual(all[0]);
    for (const deviation of Object.values(deviations(all[0]!, whole))) expect(deviation).toBeLessThan(1e-5);
  });
});

describe("20 steps of AT-AWP with synchronised batch normalisation", () => {
  it.each<readonly [size: number, Settings]>([
    [2, { attackMode: "train" }],
    [4, {}],
    [3, { batchSize: 10 }],
  ])("on %i ranks are those of one process on the whole batch: %o", async (size, settings) => {
    const how = { ...settings, network: "normalized" } as const;
    const whole = await trained(alone, how);
    const all = await threads.run<Trained>(size, module, "trained", { ...how, batchNorm: "synchronised" });
    for (const rank of all) expect(rank).toEqual(all[0]);
    for (const deviation of Object.values(deviations(all[0]!, whole))) expect(deviation).toBeLessThan(1e-5);
  });
});

describe("20 steps of AT-AWP on a network with batch normalisation, against a plain loop over the replicas", () => {
  it.each<readonly [size: number, Settings]>([
    [2, {}],
    [2, { weightAttack: "per-rank" }],
    [3, { batchSize: 10, weightAttack: "per-rank" }],
  ])("%i ranks normalise each by its own rows, with rank 0's running statistics: %o", async (size, settings) => {
    const how = { ...settings, network: "normalized", attack: "l2" } as const;
    await useBackend("wasm");
    const plain = await trainedReplicas(size, how);
    const all = await threads.run<Trained>(size, module, "trained", how);
    for (const rank of all) expect(rank).toEqual(all[0]);
    for (const deviation of Object.values(deviations(all[0]!, plain))) expect(deviation).toBeLessThan(1e-5);
  });
});
