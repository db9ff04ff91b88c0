import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readRuns } from "../../src/runs/read-runs";
import { temporaryFolder } from "../temporary-folder";
import { metricsOf, write } from "./written-run";

const config = "methods: [at, at-awp]\nepochs: 4\ndata: { train: 700, test: 500 }\nattack: { steps: 7 }\n";

/** A run of AT and AT-AWP, with those files besides. */
async function written(files: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  await write(folder, {
    "config.yaml": config,
    "at/seed-1/metrics.jsonl": metricsOf(3),
    "at-awp/seed-1/metrics.jsonl": metricsOf(2),
    ...files,
  });
  return folder;
}

const figuresOf = async (...folders: readonly string[]) => (await readRuns(folders)).map(({ figures }) => figures);

describe("the figures of runs on disk", () => {
  test("are those of each training, with epochs from 1", async () => {
    const folder = await written();
    const [at, awp] = await figuresOf(folder);
    expect([at?.name, awp?.name]).toEqual(["AT", "AT-AWP"]);
    expect(at?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(awp?.epochs[1]).toEqual({
      epoch: 2,
      loss: 1.9,
      learningRate: 0.1,
      metrics: { natural: 0.31, robust: 0.21 },
    });
    expect(awp?.settings).toMatchObject({
      method: "AT-AWP",
      "attack.epsilon": "8/255",
      "attack.steps": 7,
      gamma: 0.01,
    });
    expect(at?.settings).toMatchObject({ gamma: null, beta: null, "attack.mode": "train" });
  });

  test("are found from a training's folder and a method's, and each counts once", async () => {
    const folder = await written();
    const [alone] = await figuresOf(join(folder, "at-awp/seed-1"));
    expect(alone?.epochs).toHaveLength(2);
    expect(await figuresOf(join(folder, "at-awp"))).toEqual([alone]);
    expect(await figuresOf(folder, join(folder, "at"), `${folder}/at/seed-1/`)).toHaveLength(2);
  });

  test("leave out a training that has not begun", async () => {
    const folder = await temporaryFolder();
    await write(folder, { "config.yaml": config, "at/seed-1/metrics.jsonl": "" });
    expect(await figuresOf(folder)).toMatchObject([{ name: "AT", epochs: [] }]);
    await write(folder, { "new/config.yaml": config });
    await expect(readRuns([join(folder, "new")])).rejects.toThrow("new: nothing has been trained yet");
  });

  test("have the accuracies at the end, of so many images", async () => {
    const train = { natural: 0.8, pgd: 0.5, images: 300 };
    const results = [{ method: "at", seed: 1, train, test: { natural: 0.7, fgsm: 0.5, pgd: 0.4, images: 500 } }];
    const [at, awp] = await figuresOf(await written({ "results.json": { results } }));
    const epsilon = 8 / 255;
    expect(at?.accuracies).toEqual([
      { split: "train", attack: "natural", epsilon: 0, accuracy: 0.8, images: 300 },
      { split: "train", attack: "pgd-20", epsilon, accuracy: 0.5, images: 300 },
      { split: "test", attack: "natural", epsilon: 0, accuracy: 0.7, images: 500 },
      { split: "test", attack: "fgsm", epsilon, accuracy: 0.5, images: 500 },
      { split: "test", attack: "pgd-20", epsilon, accuracy: 0.4, images: 500 },
    ]);
    expect(awp?.accuracies).toEqual([]);
  });

  test("have those of an evaluation beside a training, in place of those at the end", async () => {
    const stages = [
      { name: "apgd-ce", robustAccuracy: 0.35 },
      { name: "apgd-t", robustAccuracy: 0.3 },
    ];
    const runs = [
      { attack: "fgsm", epsilon: 0.01, robustAccuracy: 0.55 },
      { attack: "autoattack", epsilon: 0.01, robustAccuracy: 0.3, autoAttack: { stages } },
    ];
    const half = { natural: 0.5, fgsm: 0.5, pgd: 0.5, images: 512 };
    const [at] = await figuresOf(
      await written({
        "results.json": { results: [{ method: "at", seed: 1, train: half, test: half }] },
        "at/seed-1/evaluation.json": { examples: 200, naturalAccuracy: 0.6, runs },
      }),
    );
    const test = at?.accuracies.filter(({ split }) => split === "test");
    expect(test?.map(({ attack, epsilon, accuracy, images }) => [attack, epsilon, accuracy, images])).toEqual([
      ["pgd-20", 8 / 255, 0.5, 512],
      ["natural", 0, 0.6, 200],
      ["fgsm", 0.01, 0.55, 200],
      ["autoattack up to apgd-ce", 0.01, 0.35, 200],
      ["autoattack", 0.01, 0.3, 200],
    ]);
  });

  test("have the landscapes beside a training, as their files have them", async () => {
    const clean = { loss: 1, accuracy: 0.5 };
    const points = [
      { at: [-1], clean: { loss: null, accuracy: 0.1 } },
      { at: [0], clean, adversarial: clean },
    ];
    const landscape = { epoch: 3, split: "train", directions: ["random"], attack: "PGD-10", images: 64, points };
    const [at] = await figuresOf(
      await written({ "at/seed-1/landscapes/epoch-0003-1.json": { ...landscape, settings: { seed: 1 } } }),
    );
    const endless = { at: [-1], clean: { loss: Number.NaN, accuracy: 0.1 } };
    expect(at?.landscapes).toEqual([{ ...landscape, points: [endless, points[1]] }]);
  });
});

describe("a file that is damaged", () => {
  const rejected = async (files: Readonly<Record<string, unknown>>) => {
    const folder = await written(files);
    const error: unknown = await readRuns([folder]).catch((thrown: unknown) => thrown);
    return (error as Error).message.replace(`${folder}/`, "");
  };

  test("is named with its line", async () => {
    const metrics = "at/seed-1/metrics.jsonl";
    expect(await rejected({ [metrics]: `${metricsOf(1)}{"epoch":1,\n${metricsOf(1)}` })).toMatch(
      /^at\/seed-1\/metrics\.jsonl:2: no JSON/,
    );
    expect(await rejected({ [metrics]: metricsOf(2).replace("1.9", '"1.9"') })).toMatch(
      /^at\/seed-1\/metrics\.jsonl:2: loss: .*expected number, received string/,
    );
    expect(await rejected({ [metrics]: metricsOf(2) + metricsOf(1) })).toMatch(/:3: epoch 0 is there already/);
    expect(await rejected({ "results.json": '{\n  "results": [\n    {"method": }\n' })).toMatch(
      /^results\.json:\d: no JSON/,
    );
    const bad = { results: [{ method: "at", seed: 1, train: { natural: 2, pgd: 0 } }] };
    expect(await rejected({ "results.json": bad })).toMatch(/^results\.json:7: results\.0\.train\.natural: .*<=1/);
    expect(await rejected({ "at/seed-1/landscapes/a.json": '{"epoch": 1,\n"split' })).toMatch(/a\.json:2: no JSON/);
    expect(await rejected({ "config.yaml": "methods: at\nepochs: none\n" })).toMatch(/^config\.yaml:2: epochs: "none"/);
  });

  test("is read up to a last line that is not whole yet", async () => {
    const [at] = await figuresOf(await written({ "at/seed-1/metrics.jsonl": `${metricsOf(2)}{"epoch":2,"lo` }));
    expect(at?.epochs).toHaveLength(2);
  });

  test("is told from a folder that is no run", async () => {
    const folder = await temporaryFolder();
    await write(folder, {
      "at/seed-1/metrics.jsonl": metricsOf(1),
      "run/config.yaml": config,
      "run/mart/seed-1/x": "",
    });
    await expect(readRuns([join(folder, "at/seed-1")])).rejects.toThrow(/seed-1: no run; wanted/);
    await expect(readRuns([join(folder, "run/mart/seed-1")])).rejects.toThrow(/seed-1: no run; wanted/);
    await expect(readRuns([join(folder, "none")])).rejects.toThrow(/none: no such folder/);
    await expect(readRuns([join(folder, "run/config.yaml")])).rejects.toThrow(/a file, where the folder/);
  });
});
