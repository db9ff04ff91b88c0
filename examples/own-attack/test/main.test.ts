import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("an attack of one's own stays in the ball, uses all of it, and finds more than a single step does", async () => {
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main]);
  const line = /^\w+ natural ([\d.]+) robust ([\d.]+) farthest ([\d.]+)$/gm;
  const [fgsm, nesterov] = [...stdout.matchAll(line)].map(([, ...figures]) => figures.map(Number));
  const [natural, robust, farthest] = nesterov as [number, number, number];
  expect(natural).toBe(fgsm?.[0]);
  expect(natural).toBeGreaterThan(0.6); // four classes
  expect(robust).toBeLessThanOrEqual(fgsm?.[1] as number);
  expect(robust).toBeLessThan(natural);
  expect(Math.abs(farthest - 8 / 255)).toBeLessThan(1e-6);
});
