import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { launchRanks, type LaunchOptions, type RankEnd } from "@awp/testing";
import { build } from "esbuild";
import { afterAll, beforeAll } from "vitest";
import { obstacle } from "../torch";

/** `rank.ts` as one file, which Node loads in half the time; in a folder that git ignores, one below the package as the addon wants. */
const bundle = fileURLToPath(new URL(`../../coverage/rank-${process.pid}.mjs`, import.meta.url));

/** Bundles the program before a file's tests, where they can run at all. */
export function prepareProgram(): void {
  beforeAll(async () => {
    if (obstacle() !== undefined) return;
    await build({
      entryPoints: [fileURLToPath(new URL("rank.ts", import.meta.url))],
      outfile: bundle,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@awp/source"],
      banner: {
        js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
      },
    });
  }, 60_000);
  afterAll(() => rm(bundle, { force: true }));
}

/** Runs a scenario of `rank.ts` on so many ranks; how each ended. */
export async function runScenario(name: string, options: LaunchOptions): Promise<readonly RankEnd[]> {
  return (await launchRanks([bundle, name], options)).ended;
}
