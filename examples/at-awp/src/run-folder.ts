import { ArgumentError } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "./settings";

const settingsFile = "settings.json";

/** Makes the folder of a new run and notes its settings in it; without a name, `runs/at-awp-N` with the next free N. */
export async function newRun(runs: string, output: string | undefined, settings: Settings): Promise<string> {
  const folder = output ?? join(runs, `at-awp-${(await newestNumber(runs)) + 1}`);
  const free = !(await namesIn(folder)).includes(settingsFile);
  requireArgument(free, "--output", folder, "a folder without an earlier run, or --resume to go on with that one");
  await mkdir(folder, { recursive: true });
  const path = join(folder, settingsFile);
  await writeFile(`${path}.partial`, `${JSON.stringify(settings, null, 2)}\n`);
  await rename(`${path}.partial`, path);
  return folder;
}

/** The folder of an earlier run and its settings; without a name, the newest in `runs`. */
export async function earlierRun(
  runs: string,
  output: string | undefined,
): Promise<{ folder: string; settings: Settings }> {
  const folder = output ?? join(runs, `at-awp-${await newestNumber(runs)}`);
  const text = await readFile(join(folder, settingsFile), "utf8").catch(() => {
    throw new ArgumentError("--resume", folder, `the folder of an earlier run, with its ${settingsFile}`);
  });
  return { folder, settings: JSON.parse(text) as Settings };
}

async function newestNumber(runs: string): Promise<number> {
  const names = await namesIn(runs);
  return Math.max(0, ...names.map((name) => Number(/^at-awp-(\d+)$/.exec(name)?.[1] ?? 0)));
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
