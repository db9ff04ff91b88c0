import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test.each(["AT", "TRADES", "MART"])(
  "%s trains without and with AWP from the same start, and tells how robust both are",
  async (title) => {
    const main = fileURLToPath(new URL(`../src/${title.toLowerCase()}-awp.ts`, import.meta.url));
    const node = ["--import", "tsx", "--conditions=@awp/source"];
    const { stdout } = await promisify(execFile)(process.execPath, [...node, main, "64", "1"]);
    expect(stdout.match(/^epoch 1: loss \d\.\d+, natural [\d.]+, robust [\d.]+$/gm)).toHaveLength(2);
    const outcome = new RegExp(
      `^${title}(-AWP)?: natural [\\d.]+, robust [\\d.]+ on test, robust [\\d.]+ on train$`,
      "gm",
    );
    expect(stdout.match(outcome)).toHaveLength(2);
  },
);
