import { ArgumentError } from "@awp/core";
import { networkNamed } from "@awp/models";
import { z } from "zod";
import { type MethodName, methodNames } from "../methods";
import { amount, choice, fields, flag, integer, list, text } from "./field";

const counts = { validation: integer(1), test: integer(1).nullable() };

/** The random changes of training images. */
export const augmentationNames = ["crop-reflect", "crop-zero", "flip", "rotation", "cutout"] as const;

export type AugmentationName = (typeof augmentationNames)[number];

const usual: readonly AugmentationName[] = ["crop-reflect", "flip"];

/** A list of changes, in their order; true is the usual ones, false none. */
const augment = z.preprocess(
  (given) => (typeof given === "boolean" ? (given ? usual : []) : given),
  z.array(choice(augmentationNames), { error: `true, false or a list of ${augmentationNames.join(", ")}` }),
);

const synthetic = fields({
  name: z.literal("synthetic"),
  size: integer(4).default(16),
  train: integer(2).default(768),
  validation: counts.validation.default(128),
  test: integer(1).default(512),
  augment: augment.prefault([]),
});

const inFiles = <const Name extends string>(name: Name) =>
  fields({
    name: z.literal(name),
    directory: text().default("data"),
    train: integer(2).nullable().default(null),
    validation: counts.validation.default(1000),
    test: counts.test.default(null),
    augment: augment.prefault(true),
  });

export const dataNames = ["synthetic", "cifar10", "cifar100", "svhn"] as const;

const data = z.preprocess(
  (given) => (isMapping(given) ? { name: dataNameOf(given), ...given } : given),
  z.discriminatedUnion("name", [synthetic, inFiles("cifar10"), inFiles("cifar100"), inFiles("svhn")], {
    error: ({ code }) => (code === "invalid_union" ? `one of ${dataNames.join(", ")}` : "a mapping of fields"),
  }),
);

export const scheduleNames = [
  "constant",
  "piecewise",
  "superconverge",
  "linear",
  "multiStep",
  "multipleDecay",
  "cosine",
  "cyclic",
] as const;

const ascending = { error: "a list of ascending epochs" };
const milestones = z
  .array(integer(0), ascending)
  .refine((epochs) => epochs.every((each, i) => each >= (epochs[i - 1] ?? 0)), ascending);

const methodList = list("method", choice(methodNames as readonly [MethodName, ...MethodName[]]));
const seedList = list("seed", integer(0));

/** The settings of a training, each with its default. */
export const schema = fields({
  data: data.prefault({}),
  network: text().superRefine(known(networkNamed)).default("small-cnn"),
  normalization: choice(["cifar10", "cifar100", "svhn"]).nullable().default(null),
  methods: methodList.prefault(["at", "at-awp"]),
  attack: fields({
    norm: choice(["linf", "l2"]).default("linf"),
    epsilon: amount().prefault("8/255"),
    stepSize: amount().prefault("2/255"),
    steps: integer(1).default(5),
    mode: choice(["train", "eval", "train-frozen"]).nullable().default(null),
  }).prefault({}),
  beta: amount().nullable().default(null),
  auxiliaryForwards: flag().default(false),
  gamma: amount().nullable().default(null),
  warmupEpochs: integer(0).default(0),
  epsilonRamp: integer(1).nullable().default(null),
  regularization: fields({
    l1: amount().prefault(0),
    l2: amount().prefault(0),
    labelSmoothing: amount().prefault(0),
    mixup: amount().prefault(0),
  }).prefault({}),
  average: fields({
    decay: amount().nullable().default(null),
    growing: flag().default(false),
    start: amount().prefault(0),
    statistics: choice(["live", "average", "recomputed"]).default("live"),
  }).prefault({}),
  decayAt: choice(["perturbed", "clean"]).default("perturbed"),
  optimizer: fields({
    momentum: amount().prefault(0.9),
    nesterov: flag().default(false),
    weightDecay: amount().prefault(5e-4),
  }).prefault({}),
  schedule: fields({
    name: choice(scheduleNames).default("piecewise"),
    learningRate: amount().prefault(0.1),
    perEpoch: flag().default(false),
    milestones: milestones.nullable().default(null),
    factor: amount().prefault(0.1),
  }).prefault({}),
  epochs: integer(1).default(20),
  batchSize: integer(2).default(32),
  dropLast: flag().default(true),
  microBatches: integer(1).default(1),
  ranks: fields({
    weightAttack: choice(["averaged", "per-rank"]).default("averaged"),
    batchNorm: choice(["per-replica", "synchronised"]).default("per-replica"),
  }).prefault({}),
  evaluation: fields({ steps: integer(1).default(20) }).prefault({}),
  seeds: seedList.prefault([1]),
  backend: choice(["torch", "tensorflow", "wasm", "cpu"]).nullable().default(null),
  jobs: integer(1).nullable().default(null),
  checkpointEvery: integer(1).default(1),
  keep: integer(1).default(1),
  tensorboard: flag().default(false),
  output: text().nullable().default(null),
}).superRefine(
  (
    { schedule, epochs, optimizer, batchSize, microBatches, regularization, average, methods, ranks, decayAt },
    context,
  ) => {
    const refuse = (path: string[], input: unknown, message: string): void =>
      context.addIssue({ code: "custom", path, input, message });
    if (schedule.name === "multipleDecay" && epochs % 10 > 0)
      refuse(["epochs"], epochs, "a multiple of 10, for ten drops");
    if (optimizer.nesterov && optimizer.momentum === 0)
      refuse(["optimizer", "nesterov"], true, "false, without momentum");
    if (regularization.mixup > 0 && methods.some((method) => method.startsWith("mart")))
      refuse(["regularization", "mixup"], regularization.mixup, "0 with MART, which wants one right class");
    if (regularization.labelSmoothing > 0 && methods.some((method) => /^(mart|dkl)/.test(method)))
      refuse(
        ["regularization", "labelSmoothing"],
        regularization.labelSmoothing,
        "0 with MART and DKL, which have none",
      );
    if (regularization.labelSmoothing > 1)
      refuse(["regularization", "labelSmoothing"], regularization.labelSmoothing, "a number from 0 to 1");
    if (average.decay !== null && average.decay > 1)
      refuse(["average", "decay"], average.decay, "a number from 0 to 1");
    if (ranks.weightAttack === "per-rank" && decayAt !== "clean")
      refuse(["decayAt"], decayAt, "clean with ranks.weightAttack per-rank: w + v differs between the ranks");
    if (microBatches > batchSize) refuse(["microBatches"], microBatches, `at most batchSize, ${batchSize}`);
  },
);

/** The settings of a training. */
export type TrainConfig = z.output<typeof schema>;

/** What images are meant where no name is given: those in a folder are CIFAR-10. */
export function dataNameOf(data: Readonly<Record<string, unknown>>): unknown {
  return data["name"] ?? ("directory" in data ? "cifar10" : "synthetic");
}

/** A check that passes on what a function wants where it throws an `ArgumentError`. */
function known(find: (name: string) => unknown) {
  return (name: string, context: z.RefinementCtx): void => {
    try {
      find(name);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      context.addIssue({
        code: "custom",
        input: name,
        message: error.message.slice(error.message.indexOf("want ") + 5),
      });
    }
  };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
