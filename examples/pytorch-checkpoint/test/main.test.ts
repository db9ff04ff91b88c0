import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("a checkpoint of PyTorch's answers here as it does there, and is attacked", async () => {
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main]);
  const [, deviation] = /differ from PyTorch's by ([\d.e-]+)$/m.exec(stdout) ?? [];
  expect(Number(deviation)).toBeLessThan(1e-5);
  const [, natural, robust] = (/natural ([\d.]+) robust ([\d.]+)$/m.exec(stdout) ?? []).map(Number);
  expect(natural).toBe(1); // what make.py printed
  expect(robust).toBeLessThan(1);
});
