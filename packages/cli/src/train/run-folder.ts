import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writeWhole } from "@awp/core/node";
import { UsageError } from "../usage-error";
import { type ConfigFile, readConfigFile } from "./config/config-file";
import { printConfig } from "./config/print";
import type { TrainConfig } from "./config/schema";

/** The settings of a run, in its folder. */
export const configFile = "config.yaml";
const runs = "runs";

/** Makes the folder of a new run and notes its settings in it; without a name, `runs/train-N` with the next free N. */
export async function newRun(config: TrainConfig): Promise<string> {
  const folder = config.output ?? join(runs, `train-${(await newestNumber()) + 1}`);
  if (await holdsRun(folder)) {
    throw new UsageError(`--output: ${folder} holds a run already; go on with it by --resume, or name another folder`);
  }
  await note(folder, config);
  return folder;
}

/** Makes the folder of a run unless another process has made it, or an earlier start of this one. */
export async function runIn(folder: string, config: TrainConfig): Promise<void> {
  if (!(await holdsRun(folder))) await note(folder, config);
}

function note(folder: string, config: TrainConfig): Promise<void> {
  return writeWhole(join(folder, configFile), printConfig(wherever(config)));
}

async function holdsRun(folder: string): Promise<boolean> {
  return (await namesIn(folder)).includes(configFile);
}

/** The settings as they are meant in any folder. */
function wherever(config: TrainConfig): TrainConfig {
  const { data } = config;
  return data.name === "synthetic" ? config : { ...config, data: { ...data, directory: resolve(data.directory) } };
}

/** The folder of an earlier run and its settings; without a name, the newest in `runs`. */
export async function earlierRun(
  output: string | null,
): Promise<{ readonly folder: string; readonly file: ConfigFile }> {
  const newest = await newestNumber();
  if (output === null && newest === 0) throw new UsageError(`--resume: there is no run in ${runs}/`);
  const folder = output ?? join(runs, `train-${newest}`);
  if (!(await holdsRun(folder))) {
    throw new UsageError(`--resume: ${folder} holds no run: it has no ${configFile}`);
  }
  return { folder, file: await readConfigFile(join(folder, configFile)) };
}

async function newestNumber(): Promise<number> {
  return Math.max(0, ...(await namesIn(runs)).map((name) => Number(/^train-(\d+)$/.exec(name)?.[1] ?? 0)));
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
