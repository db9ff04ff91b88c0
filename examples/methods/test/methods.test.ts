import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** What an example prints that trains for one epoch on 64 images: the lines on epochs, and those on all else. */
async function printed(name: string): Promise<{ epochs: readonly string[]; lines: readonly string[] }> {
  const main = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const node = ["--import", "tsx", "--conditions=@awp/source"];
  const { stdout } = await promisify(execFile)(process.execPath, [...node, main, "64", "1"]);
  const all = stdout.trimEnd().split("\n");
  const epochs = all.filter((line) => /^epoch 1: loss \d\.\d+, natural [\d.]+, robust [\d.]+$/.test(line));
  return { epochs, lines: all.filter((line) => !epochs.includes(line)) };
}

const outcomeOf = (title: string): unknown =>
  expect.stringMatching(new RegExp(`^${title}: natural [\\d.]+, robust [\\d.]+ on test, robust [\\d.]+ on train$`));

test.each(["AT", "TRADES", "MART"])(
  "%s trains without and with AWP from the same start, and tells how robust both are",
  async (title) => {
    const { epochs, lines } = await printed(`${title.toLowerCase()}-awp`);
    expect(epochs).toHaveLength(2);
    expect(lines).toEqual([outcomeOf(title), outcomeOf(`${title}-AWP`)]);
  },
);

test("RST-AWP labels 256 images by a network of its own, and tells how robust it is beside TRADES-AWP", async () => {
  const { epochs, lines } = await printed("rst-awp");
  // With the labelled images alone RST is TRADES, to the digit.
  const [, trades, rst] = epochs;
  expect(rst).not.toBe(trades);
  expect(epochs).toHaveLength(3);
  expect(lines).toEqual([
    expect.stringMatching(/^pseudo-labels: \d+ of 256 are right$/),
    outcomeOf("TRADES-AWP"),
    outcomeOf("RST-AWP"),
  ]);
});

test("pre-training on other classes, then AT-AWP under a new head, tells how robust it is beside AT-AWP", async () => {
  const { epochs, lines } = await printed("pretraining-awp");
  expect(epochs).toHaveLength(3);
  expect(lines).toEqual([outcomeOf("AT-AWP"), outcomeOf("Pretraining-AWP")]);
});
