// Compiles the addon's sources and links them.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const native = join(dirname(dirname(fileURLToPath(import.meta.url))), "native");
const output = join(native, "build");
/** The rooms of the sources, each with its headers; they name one another from `native`. */
const rooms = ["device", "tensor", "distributed", "kernels", "recording", "napi"];
/** So many sources of a room are compiled as one unit at most: of the time of one alone, libtorch's headers take most. */
const mostSources = 12;
/** The kernels for CUDA, which sources include and the addon has as texts for NVRTC. */
const cudaFolder = join(native, "cuda");
/** What units are made with. */
const stamp = join(output, "flags.txt");
const cudaSources = join(output, "cuda-sources.inc");
const mac = process.platform === "darwin";

/** Where `npx awp-backend-torch build` puts the addon. */
export const ownAddon = join(output, "awp-backend-torch.node");

/** Compiles the units that are not built or older than what they are made of; the objects of all of them. */
export async function compile(compiler, headers, cuda) {
  mkdirSync(output, { recursive: true });
  // Apple's compiler knows OpenMP only if it is told twice.
  const openmp = mac ? ["-Xpreprocessor", "-fopenmp"] : ["-fopenmp"];
  const flags = [
    ...["-std=c++20", "-O2", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off"],
    // An at::RecordFunction has one member more in a program that asserts; libtorch's are made without.
    ...[...openmp, "-DNAPI_VERSION=8", "-DNDEBUG", "-Wall"],
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
  writeIfOther(stamp, [compiler, ...flags].join("\n"));
  embedCudaSources();
  const units = rooms.flatMap(unitsOf);
  const queue = outdated(units);
  let failed = false;
  const worker = async () => {
    for (let unit = queue.shift(); unit !== undefined && !failed; unit = queue.shift()) {
      console.log(`  ${unit.name}`);
      // Under its name only when it is whole: a build may be killed. Of the time when its sources were read.
      const part = `${unit.object}.part`;
      const begin = new Date();
      const status = await run(compiler, [...flags, "-c", unit.files[0], "-o", part]);
      failed ||= status !== 0;
      if (status !== 0) return;
      utimesSync(part, begin, begin);
      renameSync(part, unit.object);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  if (failed) throw new Error("the compiler failed, see above");
  return units.map(({ object }) => object);
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

/** The files of one kind in a room, by their paths from `native`. */
function filesOf(room, ending) {
  const files = readdirSync(join(native, room)).filter((file) => file.endsWith(ending));
  return files.sort().map((file) => `${room}/${file}`);
}

/** The units of a room: files that include its sources, each about as many. */
function unitsOf(room) {
  const sources = filesOf(room, ".cc");
  const count = Math.ceil(sources.length / mostSources);
  return Array.from({ length: count }, (_, index) => {
    const own = sources.splice(0, Math.ceil(sources.length / (count - index)));
    const name = `${room}-${index + 1}`;
    const file = join(output, `${name}.cc`);
    writeIfOther(file, own.map((source) => `#include "${source}"\n`).join(""));
    return { name, files: [file, ...own.map((source) => join(native, source))], object: join(output, `${name}.o`) };
  });
}

/** Writes the kernels for CUDA as C++ strings, for native/device/launch.cc. */
function embedCudaSources() {
  const text = readdirSync(cudaFolder)
    .sort()
    .map((file) => `{"${file}", R"cuda(${readFileSync(join(cudaFolder, file), "utf8")})cuda"},\n`)
    .join("");
  writeIfOther(cudaSources, text);
}

function writeIfOther(file, text) {
  if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
}

/** The units that are not built or older than a source, any header or the flags. */
function outdated(units) {
  const time = (file) => (existsSync(file) ? Math.floor(statSync(file).mtimeMs) : 0);
  const headers = rooms.flatMap((room) => filesOf(room, ".h")).map((file) => join(native, file));
  const shared = Math.max(...[stamp, ...headers].map(time));
  return units.filter(({ files, object }) => {
    const hasCuda = files.some((file) => /^#include "(build|cuda)\//m.test(readFileSync(file, "utf8")));
    return time(object) < Math.max(shared, ...files.map(time), hasCuda ? time(cudaSources) : 0);
  });
}

function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.on("error", () => resolve(1));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
