import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

test("the quickstart fits on half a page and ends well above chance under attack", async () => {
  expect(readFileSync(main, "utf8").trim().split("\n").length).toBeLessThanOrEqual(30);
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main]);
  const [, natural, robust] = (/natural ([\d.]+) robust ([\d.]+)$/m.exec(stdout) ?? []).map(Number);
  expect(robust).toBeGreaterThan(0.4); // four classes
  expect(natural).toBeGreaterThanOrEqual(robust as number);
});
