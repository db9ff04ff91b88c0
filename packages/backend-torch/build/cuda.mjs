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
 * set where its headers are not here.
 */
export function findCuda(libraries) {
  const { version, runtime } = cudaRuntime(libraries);
  const misfits = [];
  for (const { source, includes } of places(libraries)) {
    const misfit = objection(includes, version);
    if (misfit === undefined) return { source, version: cudaVersion(includes), includes, runtime };
    misfits.push(`${source}: ${misfit}`);
  }
  throw new Error(
    `this libtorch was built with CUDA ${version ?? ""} and its headers are not here: set $CUDA_HOME to a CUDA ${version ?? ""} ` +
      `toolkit, or pass --cpu to leave CUDA out (looked at ${misfits.join("; ")})`,
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

/** Why these folders will not do; undefined where they will. */
function objection(includes, version) {
  const missing = headers.filter((header) => find(includes, header) === undefined);
  if (missing.length > 0) return `no ${missing.length === headers.length ? "CUDA headers" : missing.join(", ")}`;
  const found = cudaVersion(includes);
  // Minor versions of one CUDA are interchangeable.
  return version === undefined || found.split(".")[0] === version ? undefined : `CUDA ${found}`;
}

/** `CUDA_VERSION` of cuda.h, in which 13.0 is 13000. */
function cudaVersion(includes) {
  const [, number] = /#define CUDA_VERSION (\d+)/.exec(readFileSync(find(includes, "cuda.h"), "utf8")) ?? [];
  return `${Math.floor(Number(number) / 1000)}.${(Number(number) % 1000) / 10}`;
}

const find = (includes, header) => includes.map((folder) => join(folder, header)).find((file) => existsSync(file));
