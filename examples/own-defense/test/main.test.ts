import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("a defense of one's own trains with AWP: its loss falls, and the network holds well above chance", async () => {
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main]);
  const losses = [...stdout.matchAll(/^epoch \d+ loss ([\d.]+)$/gm)].map(([, loss]) => Number(loss));
  expect(losses).toHaveLength(8);
  expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] as number));
  const [, natural, robust] = (/natural ([\d.]+) robust ([\d.]+)$/m.exec(stdout) ?? []).map(Number);
  expect(robust).toBeGreaterThan(0.4); // four classes
  expect(natural).toBeGreaterThanOrEqual(robust as number);
});
