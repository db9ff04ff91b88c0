import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AwpError } from "@awp/core";
import { type Normalization, normalizations } from "@awp/data";
import type { RobustBenchModel } from "@awp/models";
import { configBeside, fetchFromHub } from "@awp/models/node";
import { trainingFolders } from "../runs/training-folder";
import { configFile } from "../train/run-folder";
import type { Progress } from "../terminal/progress";
import type { ModelReference } from "./reference";
import { cachedPath, downloadRobustBench, robustBenchFile } from "./robustbench-file";

/** What is known of the network whose weights a file has. */
interface KnownNetwork {
  /** Its architecture, by its name. */
  readonly network: string;
  /** What it wants its images less and divided by; null where nothing. */
  readonly normalization: Normalization | null;
}

/** A model on this machine. */
export interface LocatedModel {
  /** What the user calls it. */
  readonly name: string;
  readonly file: string;
  /** Undefined where nothing beside the file tells. */
  readonly known: KnownNetwork | undefined;
  /** The line of RobustBench's leaderboards, for a model of these. */
  readonly published?: RobustBenchModel;
  /** Where what is measured of it is kept unless told otherwise. */
  readonly folder: string;
}

/**
 * Brings a model to this machine, and looks up what stands beside it. `weights` is the file of a model of RobustBench, where
 * the user has one.
 *
 * @throws AwpError for a file that is not there, and what the hub or the download has against it
 */
export async function locate(reference: ModelReference, progress: Progress, weights?: string): Promise<LocatedModel> {
  if (reference.kind === "robustbench") return published(reference.model, progress, weights);
  if (reference.kind === "file") {
    const { path } = reference;
    if (!existsSync(path)) throw new AwpError(`${path}: no such file or folder`);
    return { name: path, file: path, known: await knownOf(path), folder: dirname(path) };
  }
  const { model } = reference;
  const name = `hf:${model}`;
  const task = progress.task(name);
  const { file, config, commit } = await fetchFromHub(model, {
    onProgress: ({ file: each, bytes, total }) => task.update(bytes / total, `${each} ${megabytes(bytes, total)}`),
  });
  task.note(`commit ${commit.slice(0, 7)}`);
  return { name, file, known: config, folder: model.replaceAll(/[/@]/g, "-") };
}

async function published(model: RobustBenchModel, progress: Progress, weights?: string): Promise<LocatedModel> {
  const name = `robustbench:${model.name}`;
  const file = weights ?? robustBenchFile(model) ?? (await downloaded());
  if (!existsSync(file)) throw new AwpError(`${file}: no such file`);
  return { name, file, known: undefined, published: model, folder: model.name };

  async function downloaded(): Promise<string> {
    const path = cachedPath(model);
    const task = progress.task(name);
    for await (const { bytes, total } of downloadRobustBench(model, { path })) {
      task.update(total === undefined ? 0 : bytes / total, megabytes(bytes, total));
    }
    task.note(path);
    return path;
  }
}

/** How far a download is. */
function megabytes(bytes: number, total: number | undefined): string {
  const parts = [bytes, ...(total === undefined ? [] : [total])];
  return `${parts.map((part) => (part / 1e6).toFixed(1)).join(" of ")} MB`;
}

/** What a `config.json` of ours beside weights says of their network, or the settings of the run that they are a checkpoint of. */
async function knownOf(file: string): Promise<KnownNetwork | undefined> {
  const training = trainingFolderOf(file);
  if (training === undefined) return configBeside(dirname(file));
  const [found] = await trainingFolders(training);
  if (found === undefined) return undefined;
  const { network, normalization } = found.config;
  return { network, normalization: normalization === null ? null : normalizations[normalization] };
}

/** The folder of the training, `runs/train-3/at/seed-1`, of which a file is a checkpoint; undefined where it is none. */
export function trainingFolderOf(file: string): string | undefined {
  const [epoch, kind] = [dirname(resolve(file)), dirname(dirname(resolve(file)))];
  const isCheckpoint = /^epoch-\d+$/.test(basename(epoch)) && /^(best|checkpoints)$/.test(basename(kind));
  const training = dirname(kind);
  return isCheckpoint && existsSync(join(training, "..", "..", configFile)) ? training : undefined;
}
