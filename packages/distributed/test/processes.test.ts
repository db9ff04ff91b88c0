import { type BackendName, useBackend } from "@awp/core";
import { launchRanks, relativeDeviation, skipWithoutEngine } from "@awp/testing";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { alone } from "../src/index";
import { type Settings, type Trained, trained } from "./training";

const script = fileURLToPath(new URL("processes/train.ts", import.meta.url));

/** What ranks that are processes of their own come to, over libtorch's c10d. */
async function launched(size: number, backend: BackendName, settings: Settings): Promise<readonly Trained[]> {
  const { ended } = await launchRanks([script, backend, JSON.stringify(settings)], { size, limit: 90_000 });
  return (await ended).map(({ code, stdout, stderr }) => {
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout.slice(stdout.indexOf('{"'))) as Trained;
  });
}

describe("20 steps of AT-AWP on processes that c10d joins", () => {
  it.for<readonly [BackendName, Settings]>([
    ["torch", { network: "normalized", batchNorm: "synchronised", compile: true, batchSize: 9 }],
    ["wasm", {}],
  ])(
    "are those of one process on the whole batch, on %s: %o",
    { timeout: 120_000 },
    async ([backend, settings], context) => {
      await skipWithoutEngine(useBackend("torch"), context);
      const all = await launched(2, backend, settings);
      const { batchNorm: _, ...one } = settings;
      const whole = await trained(alone, { ...one, backend });
      for (const rank of all) expect(rank).toEqual(all[0]);
      for (const part of ["weights", "statistics", "momentum", "average", "losses"] as const) {
        if (whole[part].length === 0) continue;
        expect(relativeDeviation(all[0]![part], whole[part])).toBeLessThan(1e-5);
      }
    },
  );
});
