import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { loadAddonFrom } from "../src/native";
import { obstacle } from "./torch";

const folder = mkdtempSync(join(tmpdir(), "awp-torch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("an addon that is not built says how to build it", () => {
  const attempt = () => loadAddonFrom(join(folder, "missing.node"));
  expect(attempt).toThrow("is not built");
  expect(attempt).toThrow("npx awp-backend-torch build");
  expect(attempt).toThrow("libtorch-dev");
});

test("an addon that does not load says why", () => {
  const file = join(folder, "broken.node");
  writeFileSync(file, "no library");
  expect(() => loadAddonFrom(file)).toThrow(/does not load: .*(\n.*)*npx awp-backend-torch build/);
});

test("a device that is not there is an error that says so", (context) => {
  if (obstacle() !== undefined) context.skip(obstacle());
  const load = (device: string) => {
    const script = 'await import("@awp/backend-torch").then(({ torchDevice }) => console.log(torchDevice().device))';
    const options = ["--import", "tsx", "--conditions=@awp/source", "--input-type=module", "--eval", script];
    const env = { ...process.env, AWP_TORCH_DEVICE: device };
    return spawnSync(process.execPath, options, { encoding: "utf8", env });
  };
  expect(load("cpu").stdout).toBe("cpu\n");
  expect(load("tpu").stderr).toContain("AWP_TORCH_DEVICE: got tpu, want cpu or cuda");
});

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
  expect(stderr).toContain("holds no include/ATen/ATen.h");
});

function build(args: readonly string[], environment: Record<string, string>) {
  const script = fileURLToPath(new URL("../build/build.mjs", import.meta.url));
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8", env });
}
