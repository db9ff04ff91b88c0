#!/usr/bin/env node
// Builds the native addon against the libtorch of this machine: `npx awp-backend-torch build [--cpu] [--if-possible] [--dry-run]`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { compile, linkOwn, linkPrebuilt, ownAddon } from "./compile.mjs";
import { findCuda } from "./cuda.mjs";
import { headersOf } from "./headers.mjs";
import { findLibtorch } from "./libtorch.mjs";
import { findPrebuilt, prebuiltName } from "./prebuilt.mjs";

const usage = `awp-backend-torch build [--cpu] [--if-possible] [--dry-run] [--prebuilt DIR]

Compiles @awp/backend-torch's native addon with $CXX (default: g++) against the first libtorch found:
  1. $LIBTORCH, the folder of an unpacked libtorch
  2. the torch package of $PYTHON, python3 or /usr/bin/python3
  3. Debian's and Ubuntu's package: apt-get install libtorch-dev libopenblas0-pthread
A Python that is a script, as pyenv's, is asked after the others.
A libtorch that was built with CUDA also wants CUDA's headers, each of the first place that has it: $CUDA_HOME, pip's
nvidia packages beside torch, the toolkit of the nvcc on the PATH, /usr/local/cuda, /usr/include.
With --cpu it leaves CUDA out. With --if-possible it exits with 0, and says why, where that cannot be done. With --dry-run
it says what it would compile against and which prebuilt addon is there for it, and compiles nothing. With --prebuilt it
makes an addon for other machines with the same libtorch, in DIR, under the name of that libtorch.`;

async function main(argv) {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      cpu: { type: "boolean" },
      "if-possible": { type: "boolean" },
      "dry-run": { type: "boolean" },
      prebuilt: { type: "string" },
    },
  });
  if (values.help || positionals.join() !== "build") {
    console.log(usage);
    return values.help ? 0 : 1;
  }
  try {
    await build(process.env.CXX ?? "g++", values);
    return 0;
  } catch (error) {
    (values["if-possible"] ? console.log : console.error)(`@awp/backend-torch: addon not built: ${error.message}`);
    return values["if-possible"] ? 0 : 1;
  }
}

async function build(compiler, { cpu, "dry-run": dryRun, prebuilt }) {
  if (!dryRun) checkCompiler(compiler);
  const libtorch = findLibtorch();
  if (libtorch === undefined) throw new Error(`no libtorch found\n\n${usage}`);
  console.log(`libtorch ${libtorch.version} from ${libtorch.source}, ${libtorch.libraries}`);
  if (dryRun) {
    sayWhatLoads(libtorch);
    checkCompiler(compiler);
  }
  const headers = headersOf(libtorch);
  const cuda = libtorch.cuda && !cpu ? findCuda(libtorch.libraries) : undefined;
  console.log(
    cuda === undefined ? "for the CPU" : `for CUDA ${cuda.version} and the CPU, with the headers of ${cuda.source}`,
  );
  if (dryRun) return;
  const objects = await compile(compiler, headers, cuda);
  if (prebuilt === undefined) {
    await linkOwn(compiler, objects, libtorch, cuda);
    console.log(`built ${ownAddon}`);
  } else {
    mkdirSync(prebuilt, { recursive: true });
    const file = resolve(prebuilt, prebuiltName({ ...libtorch, cuda: cuda !== undefined }));
    await linkPrebuilt(compiler, file, objects, libtorch, cuda);
    console.log(`built ${file}`);
  }
}

function checkCompiler(compiler) {
  if (spawnSync(compiler, ["--version"]).status !== 0) {
    throw new Error(`no C++ compiler: ${compiler} does not run (apt-get install g++, or set $CXX)`);
  }
}

function sayWhatLoads(libtorch) {
  if (existsSync(ownAddon)) console.log(`own build: ${ownAddon}`);
  const prebuilt = findPrebuilt(libtorch, import.meta.url);
  console.log("file" in prebuilt ? `prebuilt: ${prebuilt.file}` : `no prebuilt: ${prebuilt.reason}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error.message); // an option that there is not
  process.exitCode = 1;
}
