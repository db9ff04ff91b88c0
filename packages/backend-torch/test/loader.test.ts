import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { TorchDevice } from "../src";
import { chooseAddon, loadAddonFrom } from "../src/native";
import { obstacle } from "./torch";

const folder = mkdtempSync(join(tmpdir(), "awp-torch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an addon that is not built says which libtorch it found and how to build it", () => {
  mkdirSync(join(folder, "torch/lib"), { recursive: true });
  writeFileSync(join(folder, "torch/lib", "libc10.so"), "");
  writeFileSync(join(folder, "torch", "build-version"), "2.5.1+cpu");
  vi.stubEnv("LIBTORCH", join(folder, "torch"));
  const attempt = () => chooseAddon(join(folder, "missing.node"));
  expect(attempt).toThrow(/is not built, and no prebuilt one fits: found libtorch 2\.5\.1 \(\$LIBTORCH, /);
  expect(attempt).toThrow("npx awp-backend-torch build");
  expect(attempt).toThrow("libtorch-dev");
  vi.unstubAllEnvs();
});

test("an addon that does not load says why", () => {
  const file = join(folder, "broken.node");
  writeFileSync(file, "no library");
  expect(() => loadAddonFrom(file)).toThrow(/does not load: .*(\n.*)*npx awp-backend-torch build/);
});

test("an addon of before says that it is to be built again", () => {
  const file = join(folder, "old.cjs");
  writeFileSync(file, "module.exports = { kernels: [], device: 'cpu' };");
  expect(() => loadAddonFrom(file)).toThrow(/older sources\n.*npx awp-backend-torch build/s);
});

describe("a process that loads the addon", () => {
  beforeEach((context) => {
    if (obstacle() !== undefined) context.skip(obstacle());
  });

  test("says so where the device is not there", () => {
    expect(loaded("device", { AWP_TORCH_DEVICE: "cpu" }).stdout).toBe("cpu\n");
    expect(loaded("device", { AWP_TORCH_DEVICE: "tpu" }).stderr).toContain("got tpu, want cpu or cuda");
  });

  test("says so where graphs are neither on nor off", () => {
    expect(loaded("device", { AWP_TORCH_GRAPH: "0" }).stderr).toBe("");
    expect(loaded("device", { AWP_TORCH_GRAPH: "no" }).stderr).toContain("AWP_TORCH_GRAPH: got no, want 0 or 1");
  });

  test("uses as many threads as it may, or as it is told", () => {
    expect(loaded("threads", {}).stdout).toBe(`${availableParallelism()}\n`);
    expect(loaded("threads", { OMP_NUM_THREADS: "3" }).stdout).toBe("3\n");
  });
});

/** What a process of its own prints of its device. */
function loaded(field: keyof TorchDevice, environment: Record<string, string>) {
  const script = `await import("@awp/backend-torch").then(({ torchDevice }) => console.log(torchDevice().${field}))`;
  const options = ["--import", "tsx", "--conditions=@awp/source", "--input-type=module", "--eval", script];
  const { OMP_NUM_THREADS: _, MKL_NUM_THREADS: __, ...inherited } = process.env;
  return spawnSync(process.execPath, options, { encoding: "utf8", env: { ...inherited, ...environment } });
}

test.each([
  [["build"], 1],
  [["build", "--if-possible"], 0],
])("the build %j without a compiler says so and exits with %i", (args, code) => {
  const { status, stdout, stderr } = build(args, { CXX: join(folder, "no-compiler") });
  expect(status).toBe(code);
  expect(stdout + stderr).toContain("no C++ compiler");
});

test("the build refuses a $LIBTORCH that is none", () => {
  const { status, stderr } = build(["build"], { LIBTORCH: folder });
  expect(status).toBe(1);
  expect(stderr).toContain("holds no lib/libc10");
});

function build(args: readonly string[], environment: Record<string, string>) {
  const script = fileURLToPath(new URL("../build/build.mjs", import.meta.url));
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8", env });
}
