// Finds what a build against a CUDA libtorch needs beside it: CUDA's headers and its runtime library.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** What torch's CUDA headers include, their inclusions included. */
const headers = [
  "cuda.h",
  "cuda_runtime_api.h",
  "crt/host_defines.h",
  "cublas_v2.h",
  "cublasLt.h",
  "cusparse.h",
  "cusolverDn.h",
];

/**
 * The headers and the runtime of the CUDA that the libtorch in the folder `libraries` was built with; throws what to
 * set where its headers are not here. One place may lack what another has: pip's packages come without crt/ at times.
 */
export function findCuda(libraries) {
  const { version, runtime } = cudaRuntime(libraries);
  let missing = headers;
  const sources = [];
  const includes = [];
  const looks = [];
  for (const place of places(libraries)) {
    const found = cudaVersion(place.includes);
    // Minor versions of one CUDA are interchangeable.
    const fits = version === undefined || found === undefined || found.split(".")[0] === version;
    const rest = missing.filter((header) => find(place.includes, header) === undefined);
    looks.push(`${place.source}: ${found === undefined ? "no CUDA" : `CUDA ${found}`}`);
    if (!fits || rest.length === missing.length) continue;
    missing = rest;
    sources.push(place.source);
    includes.push(...place.includes);
    if (missing.length === 0) {
      return { source: sources.join(" and "), version: cudaVersion(includes), includes, runtime };
    }
  }
  throw new Error(
    `this libtorch was built with CUDA ${version ?? ""} and not all of its headers are here: set $CUDA_HOME to a CUDA ` +
      `${version ?? ""} toolkit, or pass --cpu to leave CUDA out (missing: ${missing.join(", ")}; seen: ${looks.join(", ")})`,
  );
}

/** The runtime as libtorch finds it: beside torch for pip's, in the system for Debian's. */
function cudaRuntime(libraries) {
  const { stdout } = spawnSync("ldd", [join(libraries, "libc10_cuda.so")], { encoding: "utf8" });
  const [, version, path] = /libcudart\S*\.so\.(\d+)\S* => (\S+)/.exec(stdout ?? "") ?? [];
  return { version, runtime: path !== undefined && existsSync(path) ? path : undefined };
}

/** Folders of headers, the most deliberate choice first. */
function places(libraries) {
  const toolkit = (source, root) => (root ? [{ source, includes: [join(root, "include")] }] : []);
  const compiler = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "nvcc"))
    .find((file) => existsSync(file));
  return [
    ...toolkit("$CUDA_HOME", process.env.CUDA_HOME || process.env.CUDA_PATH),
    ...besideTorch(libraries),
    ...toolkit("nvcc's toolkit", compiler && dirname(dirname(realpathSync(compiler)))),
    ...toolkit("/usr/local/cuda", "/usr/local/cuda"),
    { source: "/usr/include", includes: ["/usr/include"] },
  ];
}

/** pip's packages, which share CUDA out among folders: nvidia/cu13/include, nvidia/cublas/include and so on. */
function besideTorch(libraries) {
  const root = join(libraries, "../../nvidia");
  if (!existsSync(root)) return [];
  const includes = readdirSync(root)
    .map((name) => join(root, name, "include"))
    .filter((folder) => existsSync(folder));
  return [{ source: "pip's nvidia packages", includes }];
}

/** `CUDA_VERSION` of cuda.h, in which 13.0 is 13000; undefined without one. */
function cudaVersion(includes) {
  const file = find(includes, "cuda.h");
  if (file === undefined) return undefined;
  const [, number] = /#define CUDA_VERSION (\d+)/.exec(readFileSync(file, "utf8")) ?? [];
  return `${Math.floor(Number(number) / 1000)}.${(Number(number) % 1000) / 10}`;
}

const find = (includes, header) => includes.map((folder) => join(folder, header)).find((file) => existsSync(file));
