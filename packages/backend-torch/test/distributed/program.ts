import { fileURLToPath } from "node:url";
import { type Bundle, bundle, launchRanks, type LaunchOptions, type RankEnd } from "@awp/testing";
import { afterAll, beforeAll } from "vitest";
import { obstacle } from "../torch";

let program: Bundle | undefined;

/** Bundles `rank.ts` before a file's tests, where they can run at all. */
export function prepareProgram(): void {
  beforeAll(async () => {
    if (obstacle() === undefined) program = await bundle([fileURLToPath(new URL("rank.ts", import.meta.url))]);
  }, 60_000);
  afterAll(() => program?.remove());
}

/** Runs a scenario of `rank.ts` on so many ranks; how each ended. */
export async function runScenario(name: string, options: LaunchOptions): Promise<readonly RankEnd[]> {
  return (await launchRanks([...(program?.paths ?? []), name], options)).ended;
}
