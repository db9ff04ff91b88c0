#!/usr/bin/env node
// Builds the native addon against the libtorch of this machine: `npx awp-backend-torch build [--cpu] [--if-possible] [--dry-run]`.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCuda } from "./cuda.mjs";
import { findLibtorch } from "./libtorch.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const native = join(root, "native");
const output = join(native, "build");
/** The rooms of the sources, each with its headers; they name one another from `native`. */
const folders = ["device", "tensor", "kernels", "recording", "napi"];
/** The kernels for CUDA, which units include and the addon has as texts for NVRTC. */
const cudaFolder = join(native, "cuda");

const usage = `awp-backend-torch build [--cpu] [--if-possible] [--dry-run]

Compiles @awp/backend-torch's native addon with $CXX (default: g++) against the first libtorch found:
  1. $LIBTORCH, the folder of an unpacked libtorch
  2. the torch package of $PYTHON, python3 or /usr/bin/python3
  3. Debian's and Ubuntu's package: apt-get install libtorch-dev libopenblas0-pthread
A libtorch that was built with CUDA also wants CUDA's headers, each of the first place that has it: $CUDA_HOME, pip's
nvidia packages beside torch, the toolkit of the nvcc on the PATH, /usr/local/cuda, /usr/include.
With --cpu it leaves CUDA out. With --if-possible it exits with 0, and says why, where that cannot be done. With --dry-run
it says what it would compile against, and compiles nothing.`;

async function main(argv) {
  if (argv.includes("--help") || argv[0] !== "build") {
    console.log(usage);
    return argv.includes("--help") ? 0 : 1;
  }
  const ifPossible = argv.includes("--if-possible");
  const compiler = process.env.CXX ?? "g++";
  if (spawnSync(compiler, ["--version"]).status !== 0) {
    return refuse(ifPossible, `no C++ compiler: ${compiler} does not run (apt-get install g++, or set $CXX)`);
  }
  let libtorch;
  let cuda;
  try {
    libtorch = findLibtorch();
    if (libtorch === undefined) return refuse(ifPossible, `no libtorch found\n\n${usage}`);
    console.log(`libtorch ${libtorch.version} from ${libtorch.source}`);
    if (libtorch.cuda && !argv.includes("--cpu")) cuda = findCuda(libtorch.libraries);
  } catch (error) {
    return refuse(ifPossible, error.message);
  }
  console.log(
    cuda === undefined ? "for the CPU" : `for CUDA ${cuda.version} and the CPU, with the headers of ${cuda.source}`,
  );
  if (argv.includes("--dry-run")) return 0;
  return (await build(compiler, libtorch, cuda)) ? 0 : ifPossible ? refuse(true, "the compiler failed, see above") : 1;
}

function refuse(ifPossible, reason) {
  (ifPossible ? console.log : console.error)(`@awp/backend-torch: addon not built: ${reason}`);
  return ifPossible ? 0 : 1;
}

async function build(compiler, libtorch, cuda) {
  mkdirSync(output, { recursive: true });
  const flags = [
    ...[
      "-std=c++20",
      "-O2",
      "-fPIC",
      "-fvisibility=hidden",
      "-ffp-contract=off",
      "-fopenmp",
      "-DNAPI_VERSION=8",
      "-Wall",
    ],
    `-D_GLIBCXX_USE_CXX11_ABI=${libtorch.cxx11Abi ? 1 : 0}`,
    `-DAWP_TORCH_VERSION="${libtorch.version}"`,
    `-I${createRequire(import.meta.url)("node-api-headers").include_dir}`,
    `-I${native}`,
    // System headers: their warnings are not ours. Said again, /usr/include would come before the headers that it wraps.
    ...[...libtorch.includes, ...(cuda?.includes ?? [])]
      .filter((folder) => folder !== "/usr/include")
      .flatMap((folder) => ["-isystem", folder]),
    ...(cuda === undefined ? [] : ["-DAWP_CUDA"]),
  ];
  embedCudaSources();
  const units = sources(".cc");
  const stale = changedUnits(units, [compiler, ...flags].join("\n"));
  let failed = false;
  const queue = [...stale];
  const worker = async () => {
    for (let unit = queue.shift(); unit !== undefined && !failed; unit = queue.shift()) {
      console.log(`  ${unit}`);
      // Under its name only when it is whole: a build may be killed.
      const part = `${object(unit)}.part`;
      const status = await run(compiler, [...flags, "-c", join(native, unit), "-o", part]);
      if (status === 0) renameSync(part, object(unit));
      else failed = true;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failed) return false;
  const addon = join(output, "awp-backend-torch.node");
  const libraries = cuda === undefined ? ["torch_cpu", "c10"] : ["torch", "torch_cuda", "torch_cpu", "c10_cuda", "c10"];
  // torch's threads are those of the OpenMP library that it loads: pip's torch brings its own.
  const openmp = readdirSync(libtorch.libraries).find((file) => /^libgomp.*\.so/.test(file));
  const status = await run(compiler, [
    ...["-shared", "-o", addon, ...units.map(object), `-L${libtorch.libraries}`, `-Wl,-rpath,${libtorch.libraries}`],
    // torch's CUDA part is reached through a registry: the linker would drop it as unused.
    ...["-Wl,--no-as-needed", ...libraries.map((library) => `-l${library}`)],
    openmp === undefined ? "-fopenmp" : join(libtorch.libraries, openmp),
    ...(cuda?.runtime === undefined ? [] : [cuda.runtime, `-Wl,-rpath,${dirname(cuda.runtime)}`]),
  ]);
  if (status !== 0) return false;
  console.log(`built ${addon}`);
  return true;
}

/** The files of one kind, by their paths from `native`. */
function sources(extension) {
  return folders.flatMap((folder) =>
    readdirSync(join(native, folder))
      .filter((file) => file.endsWith(extension))
      .map((file) => join(folder, file)),
  );
}

/** Writes the kernels for CUDA as C++ strings, for native/device/launch.cc. */
function embedCudaSources() {
  const text = readdirSync(cudaFolder)
    .sort()
    .map((file) => `{"${file}", R"cuda(${readFileSync(join(cudaFolder, file), "utf8")})cuda"},\n`)
    .join("");
  const embedded = join(output, "cuda-sources.inc");
  if (!existsSync(embedded) || readFileSync(embedded, "utf8") !== text) writeFileSync(embedded, text);
}

const object = (unit) => join(output, unit.replace(/\.cc$/, ".o").replaceAll("/", "-"));

/** The units that are not built or older than their sources; all of them when a header or a flag changed. */
function changedUnits(units, flags) {
  const stamp = join(output, "flags.txt");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== flags) {
    for (const unit of units) rmSync(object(unit), { force: true });
    writeFileSync(stamp, flags);
  }
  const time = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0);
  const newestHeader = Math.max(...sources(".h").map((file) => time(join(native, file))));
  const cudaSources = time(join(output, "cuda-sources.inc"));
  return units.filter((unit) => {
    const built = time(object(unit));
    const file = join(native, unit);
    const hasCudaSources = /^#include "(build|cuda)\//m.test(readFileSync(file, "utf8"));
    return built < newestHeader || built < time(file) || (hasCudaSources && built < cudaSources);
  });
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

process.exitCode = await main(process.argv.slice(2));
