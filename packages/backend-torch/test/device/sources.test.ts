import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadAddon } from "../../src/native";
import { onTorch } from "../torch";

onTorch();

const nvcc = spawnSync("nvcc", ["--version"]).status === 0;

/** Architectures from Volta, the oldest that torch supports, to Blackwell: which of them depends on the toolkit. */
function architectures(): string[] {
  const known = spawnSync("nvcc", ["--list-gpu-arch"], { encoding: "utf8" }).stdout;
  return ["70", "80", "90"].filter((version) => known.includes(`compute_${version}`)).map((version) => `sm_${version}`);
}

test("nvcc compiles every kernel of native/cuda to machine code", { timeout: 120_000 }, (context) => {
  if (!nvcc) context.skip("no nvcc on the PATH");
  const folder = mkdtempSync(join(tmpdir(), "awp-cuda-"));
  try {
    for (const [name, source] of Object.entries(loadAddon().deviceSources())) {
      const file = join(folder, `${name}.cu`);
      writeFileSync(file, source);
      for (const architecture of architectures()) {
        // The options of native/device/nvrtc.cc. The host's code names the kernels and is not for any use.
        const options = ["-cubin", `-arch=${architecture}`, "-std=c++17", "-fmad=false", "-diag-suppress=177"];
        const { status, stderr } = spawnSync("nvcc", [...options, "-o", `${file}.cubin`, file], { encoding: "utf8" });
        expect(`${status} ${stderr}`).toBe("0 ");
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("NVRTC compiles every kernel of native/cuda", { timeout: 60_000 }, (context) => {
  try {
    expect(loadAddon().compileForGpu(80)).toBeGreaterThan(0);
  } catch (error) {
    const { message } = error as Error;
    if (!message.includes("is not to be found")) throw error;
    context.skip(message);
  }
});
