import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { AwpError, type Network, random } from "@awp/core";
import { type Dataset, subset } from "@awp/data";
import type { LoadWeightsOptions } from "@awp/models/node";
import { loadImages as imagesOn } from "../evaluate/load-images";
import { locate, type LocatedModel } from "../model/locate";
import { modelReference } from "../model/reference";
import { isWeightsFile } from "../model/weights-file";
import { type TrainingFolder, trainingFolders } from "../runs/training-folder";
import { networkFor, trainingNetwork } from "../runs/training-network";
import type { TrainConfig } from "../train/config/schema";
import { type Images, loadImages } from "../train/images";
import type { Progress } from "../terminal/progress";
import { UsageError } from "../usage-error";
import { type AttackSettings, attackSettings } from "./attack";
import { checkpointsOf, type StoredWeights } from "./checkpoints";
import type { LandscapeCommandOptions } from "./options";

/** A network on disk with its weights at one or several times, and the images that it is measured on. */
export interface Subject {
  /** The name in lines of progress. */
  readonly title: string;
  /** Where its landscapes are kept unless told otherwise. */
  readonly folder: string;
  readonly checkpoints: readonly StoredWeights[];
  /** Weights by a name that stands for them on the command line. */
  weightsNamed(name: string): StoredWeights;
  readonly images: Dataset;
  readonly attack: AttackSettings | null;
  /** What is kept with a landscape beside that. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** How the files of its weights are read. */
  readonly reading: LoadWeightsOptions;
  /** A new network, whose weights are to be loaded; the caller's. */
  makeNetwork(): Network;
}

/** What the options of a command say of its subjects. */
export type SubjectOptions = Pick<
  LandscapeCommandOptions,
  "attack" | "checkpoint" | "count" | "data" | "epsilon" | "from" | "network" | "norm" | "split"
>;

/** The attack of a file, of which no training is known. */
const usual: AttackSettings = { name: "pgd-10", norm: "linf", epsilon: 8 / 255, stepSize: null };

/**
 * What a command line names: each training of a run, or the network of a file.
 *
 * @throws UsageError for options that do not go with it; AwpError for what is not there.
 */
export async function subjectsOf(
  given: string | undefined,
  options: SubjectOptions,
  progress: Progress,
): Promise<readonly Subject[]> {
  const reference = modelReference(given, options.from);
  if (reference === undefined) throw new UsageError("MODEL is missing: a run of awp train, or a .safetensors or .pt");
  const model = reference.kind === "file" ? reference.path : undefined;
  if (model === undefined || isWeightsFile(model)) {
    requireFileOptions(options);
    return [await ofFile(await locate(reference, progress), options)];
  }
  if (!existsSync(model)) throw new AwpError(`${model}: no such file or folder`);
  if (options.network !== undefined) throw new UsageError("--network is of a .safetensors or .pt; a run knows its own");
  const trainings = await trainingFolders(model);
  // All trainings of a run have the same data, and those of one seed the same images: they are read once.
  const data = dataOf(trainings[0] as TrainingFolder, options);
  const bySeed = new Map<number, Promise<Images>>();
  const imagesOf = (seed: number): Promise<Images> => {
    const known = bySeed.get(seed) ?? loadImages({ data, seed });
    bySeed.set(seed, known);
    return known;
  };
  return Promise.all(
    trainings.map(async (training) =>
      ofTraining(training, { ...options, data }, (await imagesOf(training.seed))[options.split]),
    ),
  );
}

function dataOf({ config: { data } }: TrainingFolder, { data: directory }: SubjectOptions): TrainConfig["data"] {
  if (directory === undefined) return data;
  if (data.name === "synthetic") throw new UsageError("--data: the run has made-up images");
  return { ...data, directory };
}

function ofTraining(
  training: TrainingFolder,
  { data, ...options }: Omit<SubjectOptions, "data"> & Pick<TrainConfig, "data">,
  all: Dataset,
): Subject {
  const { path, config, seed, method } = training;
  const { norm, epsilon, stepSize, steps } = config.attack;
  const { normalization, network } = config;
  return {
    title: path,
    folder: join(path, "landscapes"),
    checkpoints: checkpointsOf(path, options.checkpoint),
    weightsNamed: (name) => checkpointsOf(path, name).at(-1) as StoredWeights,
    images: firstOf(all, options.count),
    attack: attackSettings(options, { name: `pgd-${steps}`, norm, epsilon, stepSize }),
    settings: { method, seed, network, normalization, data: { ...data, directory: undefined } },
    reading: { unused: ["sub_block1."] },
    makeNetwork: () => trainingNetwork(config, all),
  };
}

function requireFileOptions({ data, checkpoint }: SubjectOptions): void {
  if (data === undefined)
    throw new UsageError("--data is missing: the folder of the images that a file is measured on");
  if (checkpoint !== "last") throw new UsageError("--checkpoint is of a run, and MODEL a file");
}

async function ofFile(
  { name, file, known, published, folder }: LocatedModel,
  options: SubjectOptions,
): Promise<Subject> {
  const { network = published?.architecture ?? known?.network ?? "preactresnet-18", data: directory, split } = options;
  const normalization = known?.normalization ?? null;
  const source = { directory: directory as string, split, count: undefined, size: undefined, classNames: undefined };
  const all = await imagesOn(source, undefined);
  const weights = { epoch: 0, file };
  return {
    title: name,
    folder: join(folder, "landscapes"),
    checkpoints: [weights],
    weightsNamed: (wanted) => {
      throw new UsageError(`--direction to:${wanted} is of a run; name a .safetensors`);
    },
    images: firstOf(all, options.count),
    attack: attackSettings(options, usual),
    settings: { network, ...(normalization !== null && { normalization }), file: basename(file) },
    reading: published?.weights ?? { unused: ["sub_block1."] },
    makeNetwork: () => published?.network?.({ random: random(0) }) ?? networkFor({ network, normalization }, all),
  };
}

function firstOf(images: Dataset, count: number): Dataset {
  return subset(images, { end: Math.min(count, images.indices.length) });
}
