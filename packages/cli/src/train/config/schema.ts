import { ArgumentError } from "@awp/core";
import { networkNamed } from "@awp/models";
import { z } from "zod";
import { type MethodName, methodNames } from "../methods";
import { amount, choice, fields, flag, integer, list, text } from "./field";

const counts = { validation: integer(1), test: integer(1).nullable() };

const synthetic = fields({
  name: z.literal("synthetic"),
  size: integer(4).default(16),
  train: integer(2).default(768),
  validation: counts.validation.default(128),
  test: integer(1).default(512),
  augment: flag().default(false),
});

const cifar = <const Name extends string>(name: Name) =>
  fields({
    name: z.literal(name),
    directory: text().default("data"),
    train: integer(2).nullable().default(null),
    validation: counts.validation.default(1000),
    test: counts.test.default(null),
    augment: flag().default(true),
  });

const dataNames = ["synthetic", "cifar10", "cifar100"] as const;

const data = z.preprocess(
  (given) => (isMapping(given) ? { name: dataNameOf(given), ...given } : given),
  z.discriminatedUnion("name", [synthetic, cifar("cifar10"), cifar("cifar100")], {
    error: ({ code }) => (code === "invalid_union" ? `one of ${dataNames.join(", ")}` : "a mapping of fields"),
  }),
);

export const scheduleNames = [
  "constant",
  "piecewise",
  "superconverge",
  "linear",
  "multipleDecay",
  "cosine",
  "cyclic",
] as const;

const methodList = list("method", choice(methodNames as readonly [MethodName, ...MethodName[]]));
const seedList = list("seed", integer(0));

/** The settings of a training, each with its default. */
export const schema = fields({
  data: data.prefault({}),
  network: text().superRefine(known(networkNamed)).default("small-cnn"),
  methods: methodList.prefault(["at", "at-awp"]),
  attack: fields({
    norm: choice(["linf", "l2"]).default("linf"),
    epsilon: amount().prefault("8/255"),
    stepSize: amount().prefault("2/255"),
    steps: integer(1).default(5),
  }).prefault({}),
  gamma: amount().nullable().default(null),
  warmupEpochs: integer(0).default(0),
  optimizer: fields({
    momentum: amount().prefault(0.9),
    nesterov: flag().default(false),
    weightDecay: amount().prefault(5e-4),
  }).prefault({}),
  schedule: fields({
    name: choice(scheduleNames).default("piecewise"),
    learningRate: amount().prefault(0.1),
  }).prefault({}),
  epochs: integer(1).default(20),
  batchSize: integer(2).default(32),
  microBatches: integer(1).default(1),
  evaluation: fields({ steps: integer(1).default(20) }).prefault({}),
  seeds: seedList.prefault([1]),
  backend: choice(["torch", "tensorflow", "wasm", "cpu"]).nullable().default(null),
  jobs: integer(1).nullable().default(null),
  checkpointEvery: integer(1).default(1),
  output: text().nullable().default(null),
}).superRefine(({ schedule, epochs, optimizer, batchSize, microBatches }, context) => {
  const refuse = (path: string[], input: unknown, message: string): void =>
    context.addIssue({ code: "custom", path, input, message });
  if (schedule.name === "multipleDecay" && epochs % 10 > 0)
    refuse(["epochs"], epochs, "a multiple of 10, for ten drops");
  if (optimizer.nesterov && optimizer.momentum === 0)
    refuse(["optimizer", "nesterov"], true, "false, without momentum");
  if (microBatches > batchSize) refuse(["microBatches"], microBatches, `at most batchSize, ${batchSize}`);
});

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
