import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Libtorch } from "../build/libtorch.mjs";
import { findPrebuilt, platformPackage, prebuiltName } from "../build/prebuilt.mjs";
import { loadLibtorch } from "../src/load-libtorch";

const libtorch: Libtorch = {
  source: "the torch of python3",
  version: "2.13.0",
  kind: "pytorch",
  cuda: false,
  cudaMajor: undefined,
  root: "/torch",
  libraries: "/torch/lib",
};
let project: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "awp-prebuilt-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

test.each<[Partial<Libtorch>, string]>([
  [{}, "pytorch-2.13-cpu.node"],
  [{ version: "2.13.1" }, "pytorch-2.13-cpu.node"],
  [{ cuda: true, cudaMajor: "13" }, "pytorch-2.13-cuda13.node"],
  [{ kind: "debian", version: "1.13" }, "debian-1.13-cpu.node"],
  [{ kind: "debian", version: "2.6", cuda: true }, "debian-2.6-cuda.node"],
])("a libtorch has one prebuilt addon by builder, minor version and CUDA: %j", (change, name) => {
  expect(prebuiltName({ ...libtorch, ...change })).toBe(name);
});

test("without the platform's package the reason names the libtorch that was found", () => {
  expect(find({})).toEqual({
    reason: `found libtorch 2.13.0 (the torch of python3, /torch/lib), but ${platformPackage} with the prebuilt addons is not installed`,
  });
});

test("the prebuilt of exactly this libtorch is taken, or the others are listed by version", () => {
  const folder = install(["pytorch-2.13-cpu.node", "pytorch-2.9-cpu.node", "debian-1.13-cpu.node"]);
  expect(find({})).toEqual({ file: join(folder, "pytorch-2.13-cpu.node") });
  expect(find({ version: "2.5.1" })).toEqual({
    reason: expect.stringMatching(
      /found libtorch 2\.5\.1 .* wants pytorch-2\.5-cpu: .* has debian-1\.13-cpu, pytorch-2\.9-cpu, pytorch-2\.13-cpu$/,
    ) as string,
  });
  // One without CUDA would load, and leave the GPU idle without a word.
  expect(find({ cuda: true, cudaMajor: "13" })).toHaveProperty("reason");
});

test("PyTorch's libraries are opened by their folder, Debian's are the system's business", () => {
  const libraries = join(project, "lib");
  expect(() => loadLibtorch({ ...libtorch, libraries })).toThrow(join(libraries, "libtorch_cpu.so"));
  loadLibtorch({ ...libtorch, libraries, kind: "debian" });
});

const find = (change: Partial<Libtorch>) => findPrebuilt({ ...libtorch, ...change }, join(project, "index.js"));

/** Puts a platform package with these addons where the project finds it; its folder. */
function install(addons: readonly string[]): string {
  const folder = join(project, "node_modules", platformPackage);
  mkdirSync(folder, { recursive: true });
  for (const name of ["package.json", ...addons]) writeFileSync(join(folder, name), "{}");
  return folder;
}
