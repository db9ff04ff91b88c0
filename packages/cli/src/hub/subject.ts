import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { AwpError } from "@awp/core";
import { normalizations } from "@awp/data";
import type { HubConfig, HubFiles, HubResult, ModelCard } from "@awp/models/node";
import { radius } from "../evaluate/radius";
import { checkpointsOf, fingerprint, type StoredWeights } from "../landscape/checkpoints";
import { trainingFolderOf } from "../model/locate";
import { trainResults } from "../runs/accuracies";
import { readJson } from "../runs/json-file";
import { jsonFilesIn } from "../runs/landscapes";
import { type TrainingFolder, trainingFolders } from "../runs/training-folder";
import { methods } from "../train/methods";
import { UsageError } from "../usage-error";
import { formOf, testSetNamed, testSetOf } from "./data-sets";
import { type EvaluationFile, naturalResult, readEvaluation, resultsOf, together } from "./evaluation-file";
import type { PushCommandOptions } from "./options";
import { courseOf, settingsFile, trainingText } from "./training";

/** What is pushed: weights, and all that is known of them. */
export interface PushSubject {
  readonly weights: string;
  readonly config: HubConfig;
  readonly card: Omit<ModelCard, "repo" | "license">;
  /** What goes beside the weights, the configuration and the card. */
  readonly beside: HubFiles;
}

/**
 * What the command line names: a training, a checkpoint of one, or weights with an evaluation.
 *
 * @throws UsageError where that cannot be meant; AwpError for what is not there, results above all
 */
export async function pushSubject(
  source: string,
  { checkpoint, evaluation }: Pick<PushCommandOptions, "checkpoint" | "evaluation">,
): Promise<PushSubject> {
  if (!existsSync(source)) throw new AwpError(`${source}: no such file or folder`);
  if (statSync(source).isDirectory()) {
    if (evaluation !== undefined) throw new UsageError("--evaluation is of a file of weights: a run has its own");
    const [training, ...others] = await trainingFolders(source);
    if (training === undefined || others.length > 0) {
      throw new UsageError(`${source}: holds ${others.length + 1} trainings, want one, such as ${training?.path}`);
    }
    if (checkpoint === "all") throw new UsageError("--checkpoint is all, want last, best or an epoch");
    return ofTraining(training, checkpointsOf(training.path, checkpoint)[0] as StoredWeights);
  }
  const folder = trainingFolderOf(source);
  if (folder === undefined) return ofWeights(source, evaluation ?? []);
  const [training] = await trainingFolders(folder);
  const epoch = Number(/\d+$/.exec(dirname(resolve(source)))?.[0]);
  return ofTraining(training as TrainingFolder, { file: source, epoch });
}

async function ofTraining(training: TrainingFolder, weights: StoredWeights): Promise<PushSubject> {
  const { config, method, path } = training;
  const dataset = testSetOf(config.data);
  const results = together([...(await atTheEnd(training, weights)), ...(await measured(training, weights))]);
  requireResults(results, `awp evaluate ${weights.file} --data FOLDER --json ${join(path, "evaluation.json")}`);
  const { shape, classNames } = await formOf(config.data);
  const course = await courseOf(training);
  const adversarial = method !== "standard";
  return {
    weights: weights.file,
    config: {
      ...{ network: config.network, classNames, size: shape[0], channels: shape[2] },
      normalization: config.normalization === null ? null : normalizations[config.normalization],
    },
    card: {
      about: aboutOf(training),
      ...{ dataset, results },
      tags: [
        ...(adversarial ? ["adversarial-training"] : []),
        ...(methods[method].perturbation?.direction === "gradient" ? ["adversarial-weight-perturbation"] : []),
      ],
      training: trainingText(training, weights),
      ...(course && { figures: [{ file: "training.png", caption: "Loss and accuracies over the epochs" }] }),
    },
    beside: { "train.yaml": settingsFile(training), ...(course && { "training.png": course }) },
  };
}

function aboutOf({ config, method }: TrainingFolder): string {
  const trained = `A ${config.network}, trained by ${methods[method].title} on ${testSetOf(config.data).name} images`;
  if (method === "standard") return `${trained}.`;
  const { norm, epsilon } = config.attack;
  return `${trained} to withstand perturbations up to ${radius(epsilon)} in ${norm === "linf" ? "ℓ∞" : "ℓ2"}.`;
}

/** The accuracies of the evaluation at a training's end, where these are the weights that it was of. */
async function atTheEnd(training: TrainingFolder, { epoch, file }: StoredWeights): Promise<readonly HubResult[]> {
  const { run, method, seed, config } = training;
  const isLast = epoch === config.epochs && basename(dirname(dirname(resolve(file)))) === "checkpoints";
  const found = isLast ? await readJson(join(run, "results.json"), trainResults) : undefined;
  const result = found?.results.find((each) => each.method === method && each.seed === seed);
  if (result === undefined) return [];
  const { norm, epsilon } = config.attack;
  const { natural, fgsm, pgd, images } = result.test;
  return [
    naturalResult(norm, natural, images),
    { attack: "fgsm", norm, epsilon, accuracy: fgsm, images },
    { attack: `pgd-${config.evaluation.steps}`, norm, epsilon, accuracy: pgd, images },
  ];
}

/** The accuracies of the evaluations beside a training that are of these very weights, on its test images. */
async function measured({ path, config }: TrainingFolder, { file }: StoredWeights): Promise<readonly HubResult[]> {
  const own = await fingerprint(file);
  const files = (await jsonFilesIn(path)).filter((each) => basename(each).startsWith("evaluation"));
  const evaluations = await Promise.all(files.map(readEvaluation));
  const { name } = testSetOf(config.data);
  return evaluations.filter(({ model, data }) => model.fingerprint === own && data.name === name).flatMap(resultsOf);
}

async function ofWeights(file: string, evaluations: readonly string[]): Promise<PushSubject> {
  const wanted = `awp evaluate ${file} --data FOLDER --json FILE, and --evaluation FILE here`;
  requireResults(evaluations, wanted);
  const own = await fingerprint(file);
  const read: EvaluationFile[] = [];
  for (const path of evaluations) {
    const each = await readEvaluation(path);
    if (each.model.fingerprint !== own) throw new AwpError(`${path}: of other weights than ${file}; ${wanted}`);
    read.push(each);
  }
  const [first] = read as [EvaluationFile];
  const { network, scale = {} } = first.model;
  const { shape, classNames, name } = first.data;
  if (network === undefined || shape === undefined || name === undefined) {
    throw new AwpError(`${evaluations[0]}: it does not say of which network it is; ${wanted}`);
  }
  const { mean, std, ...others } = scale;
  if (Object.keys(others).length > 0) {
    throw new AwpError(
      `${evaluations[0]}: ${Object.keys(others).join(", ")}: the hub's config.json knows mean and std`,
    );
  }
  const zeros = (mean ?? std ?? []).map(() => 0);
  const normalization =
    zeros.length === 0 ? null : { mean: mean ?? zeros, std: std ?? zeros.map((zero: number) => zero + 1) };
  const dataset = testSetNamed(name);
  return {
    weights: file,
    config: { network, classNames, size: shape[0], channels: shape[2], normalization },
    card: {
      about: `A ${network} that tells the classes of ${name} apart.`,
      ...{ dataset, results: together(read.filter(({ data }) => data.name === name).flatMap(resultsOf)) },
    },
    beside: {},
  };
}

function requireResults(results: readonly unknown[], command: string): void {
  if (results.length > 0) return;
  throw new AwpError(`there are no results of these weights, which a model card is made of: ${command}`);
}
