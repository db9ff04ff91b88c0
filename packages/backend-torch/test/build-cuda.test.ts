import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "awp-cuda-"));
  // A version that no machine has: the test sees no headers but its own.
  const ldd = write("bin/ldd", `#!/bin/sh\necho "libcudart.so.99 => ${write("runtime/libcudart.so.99", "")} (0x0)"\n`);
  chmodSync(ldd, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const runtimeHeaders = ["cuda.h", "cuda_runtime_api.h", "crt/host_defines.h"];
const libraryHeaders = ["cublas_v2.h", "cublasLt.h", "cusparse.h", "cusolverDn.h"];

test("CUDA headers are found in pip's packages, which share them out among folders", () => {
  toolkit("site-packages/nvidia/cuda_runtime", 99000, runtimeHeaders);
  toolkit("site-packages/nvidia/cublas", 99000, libraryHeaders);
  expect(found()).toEqual({
    version: "99.0",
    source: "pip's nvidia packages",
    includes: ["cublas", "cuda_runtime"].map((name) => join(folder, "site-packages/nvidia", name, "include")),
    runtime: join(folder, "runtime/libcudart.so.99"),
  });
});

test("for CUDA's headers $CUDA_HOME comes before pip's packages, and the nvcc on the PATH after them", () => {
  write("bin/nvcc", "");
  toolkit(".", 99010);
  expect(found()).toMatchObject({ version: "99.1", source: "nvcc's toolkit" });
  toolkit("site-packages/nvidia/cu99", 99000);
  expect(found()).toMatchObject({ version: "99.0", source: "pip's nvidia packages" });
  toolkit("chosen", 99020);
  expect(found({ CUDA_HOME: join(folder, "chosen") })).toMatchObject({ version: "99.2", source: "$CUDA_HOME" });
});

test("CUDA headers that one place lacks come from the next one", () => {
  toolkit("site-packages/nvidia/cu99", 99000, [...libraryHeaders, "cuda.h", "cuda_runtime_api.h"]);
  write("bin/nvcc", "");
  toolkit(".", 99000, runtimeHeaders);
  expect(found()).toMatchObject({
    source: "pip's nvidia packages and nvcc's toolkit",
    includes: [join(folder, "site-packages/nvidia/cu99/include"), join(folder, "include")],
  });
});

test("the build passes over headers of another CUDA", () => {
  const CUDA_HOME = join(folder, "chosen");
  toolkit("chosen", 98040);
  toolkit("site-packages/nvidia/cu99", 99000, runtimeHeaders);
  expect(found({ CUDA_HOME })).toMatch(
    /CUDA 99 .*set \$CUDA_HOME .*--cpu.*missing: cublas_v2\.h.*\$CUDA_HOME: CUDA 98\.4, pip's nvidia packages: CUDA 99\.0/,
  );
  write("bin/nvcc", "");
  toolkit(".", 99000);
  expect(found({ CUDA_HOME })).toMatchObject({ source: "pip's nvidia packages and nvcc's toolkit" });
});

/** What `findCuda` returns for a torch in `site-packages`, or the message of its error. */
function found(environment: Record<string, string> = {}): unknown {
  const program = `import { findCuda } from ${JSON.stringify(new URL("../build/cuda.mjs", import.meta.url).href)};
    try { console.log(JSON.stringify(findCuda(process.argv[1]))); }
    catch (error) { console.log(JSON.stringify(error.message)); }`;
  const { stdout } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program, join(folder, "site-packages/torch/lib")],
    { encoding: "utf8", env: { PATH: `${join(folder, "bin")}:/usr/bin:/bin`, ...environment } },
  );
  return JSON.parse(stdout);
}

function toolkit(root: string, version: number, files = [...runtimeHeaders, ...libraryHeaders]): void {
  for (const file of files) write(join(root, "include", file), `#define CUDA_VERSION ${version}\n`);
}

function write(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
