import { backendNames } from "@awp/core";
import { Option } from "@commander-js/extra-typings";
import { robustBenchModels } from "@awp/models";
import { choice, duration, integer, name } from "./parsers";

/** Networks by name, as help and completion give them; any other (dm-)wideresnet-DEPTH-WIDTH is one too. */
export const networkNames = [
  "preactresnet-18",
  "preactresnet-34",
  "preactresnet-50",
  "resnet-18",
  "resnet-50",
  "dm-preactresnet-18",
  "small-cnn",
  "dm-wideresnet-28-10",
  "wideresnet-34-10",
];

/* Options that several commands have, one function each: an option belongs to its command. */

export const backendOption = () =>
  new Option("--backend <name>", "torch, tensorflow, wasm or cpu (the fastest there is)").argParser(
    choice(backendNames),
  );

export const quietOption = () => new Option("--quiet", "no progress and no notes, results and errors alone");

/** Several processes on this machine; those of torchrun and srun are there without it. */
export const processesOption = () =>
  new Option("--processes <n>", "so many processes on this machine do it together, each on a GPU of its own").argParser(
    integer(1),
  );

/** A rank that has died is told of at once; this is for one that hangs. */
export const rankTimeoutOption = () =>
  new Option("--rank-timeout <time>", "how long processes that do it together wait for one another (30m)").argParser(
    duration,
  );

export const requeueOption = () =>
  new Option("--requeue", "at SIGUSR1 ask Slurm to start this job again, which then goes on where it was");

/** Where models come from; those of RobustBench that can be built are completed. */
export const fromOption = () =>
  new Option(
    "--from <source>",
    "in MODEL's place: hf:OWNER/NAME, also with @REVISION or /FILE, or robustbench:NAME (awp models lists them)",
  ).argParser(name(() => true, fromCandidates));

const fromCandidates = [
  "hf:",
  ...new Set(robustBenchModels.flatMap((model) => (model.network === undefined ? [] : [`robustbench:${model.name}`]))),
];
