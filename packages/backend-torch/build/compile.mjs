// Compiles the addon's sources and links them.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), "native");
const output = join(native, "build");
/** The rooms of the sources, each with its headers; they name one another from `native`. */
const folders = ["device", "tensor", "distributed", "kernels", "recording", "napi"];
/** The kernels for CUDA, which units include and the addon has as texts for NVRTC. */
const cudaFolder = join(native, "cuda");
const mac = process.platform === "darwin";

/** Where `npx awp-backend-torch build` puts the addon. */
export const ownAddon = join(output, "awp-backend-torch.node");

/** Compiles what is not built or older than its sources; the objects of all of them. */
export async function compile(compiler, headers, cuda) {
  mkdirSync(output, { recursive: true });
  // Apple's compiler knows OpenMP only if it is told twice.
  const openmp = mac ? ["-Xpreprocessor", "-fopenmp"] : ["-fopenmp"];
  const flags = [
    ...["-std=c++20", "-O2", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off"],
    ...[...openmp, "-DNAPI_VERSION=8", "-Wall"],
    `-D_GLIBCXX_USE_CXX11_ABI=${headers.cxx11Abi ? 1 : 0}`,
    `-DAWP_TORCH_VERSION="${headers.version}"`,
    `-I${createRequire(import.meta.url)("node-api-headers").include_dir}`,
    `-I${native}`,
    // System headers: their warnings are not ours. Said again, /usr/include would come before the headers that it wraps.
    ...[...headers.includes, ...(cuda?.includes ?? [])]
      .filter((folder) => folder !== "/usr/include")
      .flatMap((folder) => ["-isystem", folder]),
    ...(cuda === undefined ? [] : ["-DAWP_CUDA"]),
  ];
  embedCudaSources();
  const units = sources(".cc");
  const queue = changedUnits(units, [compiler, ...flags].join("\n"));
  let failed = false;
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
  if (failed) throw new Error("the compiler failed, see above");
  return units.map(object);
}

/** Links an addon for this machine, which finds its libtorch by its folder. */
export async function linkOwn(compiler, objects, libtorch, cuda) {
  // torch's threads are those of the OpenMP library that it loads: pip's torch brings its own.
  const openmp = readdirSync(libtorch.libraries).find((file) => /^lib(gomp|omp).*\.(so|dylib)/.test(file));
  await link(compiler, ownAddon, objects, libtorch, cuda, [
    `-Wl,-rpath,${libtorch.libraries}`,
    openmp === undefined ? "-fopenmp" : join(libtorch.libraries, openmp),
    ...(cuda?.runtime === undefined ? [] : [cuda.runtime, `-Wl,-rpath,${dirname(cuda.runtime)}`]),
  ]);
}

/**
 * Links an addon for other machines. It names libtorch and nothing that libtorch itself brings under names which differ
 * (OpenMP, CUDA's runtime): their symbols are found among libtorch's dependencies. No folder is written into it: whoever
 * loads it has loaded libtorch. All symbols are bound at once, so that a libtorch that lacks one is an error, not a crash.
 */
export async function linkPrebuilt(compiler, file, objects, libtorch, cuda) {
  const flags = mac ? ["-Wl,-x"] : ["-Wl,-z,now", "-Wl,--strip-all"];
  await link(compiler, file, objects, libtorch, cuda, flags);
}

async function link(compiler, file, objects, libtorch, cuda, flags) {
  const libraries = cuda === undefined ? ["torch_cpu", "c10"] : ["torch", "torch_cuda", "torch_cpu", "c10_cuda", "c10"];
  const status = await run(compiler, [
    ...["-shared", "-o", file, ...objects, `-L${libtorch.libraries}`],
    // torch's CUDA part is reached through a registry: the linker would drop it as unused.
    mac ? "-Wl,-undefined,dynamic_lookup" : "-Wl,--no-as-needed",
    ...libraries.map((library) => `-l${library}`),
    ...flags,
  ]);
  if (status !== 0) throw new Error("the linker failed, see above");
}

/** The files of one kind, by their paths from `native`. */
function sources(ending) {
  return folders.flatMap((folder) =>
    readdirSync(join(native, folder))
      .filter((file) => file.endsWith(ending))
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
