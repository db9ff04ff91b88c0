import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { random, useBackend } from "@awp/core";
import { disposeNetwork, networkNamed } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import { beforeAll, describe, expect, test } from "vitest";
import { imageSheet } from "../../src/report/image-sheet";
import { trainingFolders } from "../../src/runs/training-folder";
import { metricsOf, write } from "../runs/written-run";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

beforeAll(() => useBackend("wasm"));

const settings = "data: { size: 8, train: 20, validation: 8, test: 12 }\nevaluation: { steps: 3 }\nepochs: 2\n";

/** A run of AT whose networks are as they were made. */
async function written(): Promise<string> {
  const run = await temporaryFolder();
  const training = "at/seed-1";
  await write(run, {
    "config.yaml": `${settings}methods: at\n`,
    [`${training}/metrics.jsonl`]: metricsOf(2),
    [`${training}/checkpoints/epoch-0001/model.safetensors`]: "an older one, which is not opened",
    [`${training}/checkpoints/epoch-0002/state.json`]: {},
  });
  const network = networkNamed("small-cnn")({ classes: 10, size: 8, channels: 3, random: random(1) });
  await saveWeights(network, join(run, training, "checkpoints/epoch-0002/model.safetensors"));
  disposeNetwork(network);
  return run;
}

describe("a sheet of images", () => {
  test("has the first test images, and others within the ball around them, and leaves no tensor", async () => {
    const [training] = await trainingFolders(await written());
    if (training === undefined) throw new Error("no training");
    const { height, width, channels, attack, rows } = await imageSheet(training, 20);
    expect([height, width, channels, attack]).toEqual([8, 8, 3, "PGD-3, ℓ∞ 8/255"]);
    expect(rows).toHaveLength(12);
    for (const { image, adversarial, label } of rows) {
      expect(image).toHaveLength(8 * 8 * 3);
      expect(label).toMatch(/^class \d$/);
      // Bytes are rounded, the pixels of images and the radius are whole 255ths or lie between two.
      const distance = image.map((value, i) => Math.abs(value - (adversarial[i] ?? 0)));
      expect(Math.max(...distance)).toBeLessThanOrEqual(9);
      expect(Math.max(...distance)).toBeGreaterThan(0);
    }
    await expect(() => imageSheet(training, 3)).toAllocateAsync(0);
  });
});

describe("awp report", () => {
  test("writes one page with everything in it, whole, and says where", async () => {
    const run = await written();
    const { code, stdout, stderr } = await awp("report", run, "--images", "2", "--backend", "wasm");
    expect(stderr).toBe("");
    expect([code, stdout]).toEqual([0, `${join(run, "report.html")}\n`]);
    const page = await readFile(join(run, "report.html"), "utf8");
    expect(page).toContain("ℓ∞ 8/255");
    expect(page.match(/<img /g)).toHaveLength(6);
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect((await readdir(run)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  test("puts several runs side by side, under names of their own", async () => {
    const [one, other] = [await written(), await written()];
    await write(other, { "config.yaml": `${settings}methods: at\nattack: { epsilon: 4/255 }\n` });
    const file = join(one, "new/compared.html");
    expect(await awp("report", one, other, "--output", file, "--images", "0")).toMatchObject({ code: 0 });
    const page = await readFile(file, "utf8");
    for (const name of ["AT, ε = 8/255", "AT, ε = 4/255"]) expect(page).toContain(name);
    expect(page).not.toContain("<img ");
  });

  test("says why a training is shown without images", async () => {
    const run = await written();
    await rm(join(run, "at/seed-1/checkpoints"), { recursive: true });
    const { code, stderr } = await awp("report", run, "--backend", "wasm");
    expect(code).toBe(0);
    expect(stderr).toContain("AT  shown without images: ");
    expect(stderr).toContain("no weights have been kept yet");
  });

  test("refuses a folder that holds no run, and writes nothing", async () => {
    const folder = await temporaryFolder();
    expect(await awp("report", folder)).toMatchObject({ code: 1, stdout: "" });
    expect(await readdir(folder)).toEqual([]);
    expect((await awp("report")).code).toBe(2);
  });
});
