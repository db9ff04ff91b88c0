import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("a loop of one's own trains with AWP from its start epoch on, and the loss at w + v is the larger one", async () => {
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main]);
  const lines = [...stdout.matchAll(/^epoch \d: loss ([\d.]+) at w, ([\d.]+) at w \+ v$/gm)];
  const losses = lines.map(([, original, displaced]) => [Number(original), Number(displaced)] as const);
  expect(losses).toHaveLength(6);
  for (const [original, displaced] of losses.slice(0, 2)) expect(displaced).toBe(original);
  for (const [original, displaced] of losses.slice(2)) expect(displaced).toBeGreaterThan(original);
  expect(losses.at(-1)?.[0]).toBeLessThan(0.8 * (losses[0]?.[0] as number));
});
