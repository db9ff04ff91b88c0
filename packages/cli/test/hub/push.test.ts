import { copyFile, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";
import { standInHub, writtenRun } from "./stand-in";

const repo = "someone/small-awp";

/** The metadata of a model card, as the hub reads them, and its text. */
function cardOf(readme: string): { readonly metadata: Record<string, unknown>; readonly text: string } {
  const [, front = "", text = ""] = /^---\n(.*?)\n---\n(.*)$/s.exec(readme) ?? [];
  return { metadata: parse(front) as Record<string, unknown>, text };
}

describe("awp push", { timeout: 120_000 }, () => {
  test("puts a training on the hub in one commit, with a card that the hub reads", async () => {
    const hub = await standInHub();
    const { training, last } = await writtenRun();
    const args = ["--license", "mit", "--private", "--message", "AWP on pictures"];
    const { code, stdout, stderr } = await awp("push", training, repo, ...args);
    expect(code, stderr).toBe(0);
    const { commits, visibility } = hub.repos.get(repo)!;
    const { oid, title, files } = commits.at(-1)!;
    expect([commits.length, visibility, title]).toEqual([2, "private", "AWP on pictures"]);
    expect(stdout).toBe(`${hub.url}/${repo}  commit ${oid.slice(0, 7)}\n`);
    const names = ["model.safetensors", "config.json", "README.md", "train.yaml", "training.png"];
    expect([...files.keys()].slice(1)).toEqual(names);
    const bytes = (name: string): Buffer => files.get(name)!.bytes;
    expect(Buffer.compare(bytes("model.safetensors"), await readFile(last))).toBe(0);
    expect(bytes("training.png").subarray(1, 4).toString()).toBe("PNG");
    expect(JSON.parse(String(bytes("config.json")))).toEqual({
      ...{ library_name: "awp", format: 1, network: "small-cnn", num_classes: 10, image_size: 8, num_channels: 3 },
      class_names: Array.from({ length: 10 }, (_, label) => `class ${label}`),
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    });
    expect(parse(String(bytes("train.yaml")))).toMatchObject({ methods: ["at-awp"], seeds: [1], output: null });

    const { metadata, text } = cardOf(String(bytes("README.md")));
    const linf = { norm: "linf", epsilon: 8 / 255, images: 12 };
    expect(metadata).toEqual({
      ...{ license: "mit", library_name: "awp", pipeline_tag: "image-classification" },
      tags: [
        ...["image-classification", "adversarial-robustness", "tensorflow.js"],
        ...["adversarial-training", "adversarial-weight-perturbation"],
      ],
      "model-index": [
        {
          name: "small-awp",
          results: [
            {
              task: { type: "image-classification", name: "Image Classification" },
              dataset: { name: "synthetic", type: "synthetic", split: "test" },
              metrics: [
                ["natural", "clean", 0.625, { ...linf, epsilon: 0 }] as const,
                ["fgsm", "fgsm, ℓ∞ 8/255", 0.5, linf] as const,
                ["pgd-3", "pgd-3, ℓ∞ 8/255", 0.375, linf] as const,
              ].map(([attack, name, value, args]) => {
                return { type: "accuracy", name: `Accuracy, ${name}`, value, args: { attack, ...args } };
              }),
            },
          ],
        },
      ],
    });
    expect(text).toContain("trained by AT-AWP");
    expect(text).toContain("| pgd-3, ℓ∞ 8/255 | 37.5 % | 12 |");
    expect(text).toContain(`hf_hub_download("${repo}", "model.safetensors")`);
  });

  test("takes the accuracies of evaluations of the very weights", async () => {
    await standInHub();
    const { run, training, best, last, pictures } = await writtenRun();
    const refused = await awp("push", training, repo, "--checkpoint", "best");
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining("there are no results of these weights"),
    ]);
    const evaluated = (weights: string, name: string) =>
      awp(
        ...["evaluate", weights, "--data", pictures, "--backend", "cpu", "--quiet", "--attack", "fgsm"],
        ...["--epsilon", "4/255", "--norm", "l2", "--json", join(training, name)],
      );
    await evaluated(last, "evaluation-last.json");
    await evaluated(best, "evaluation-best.json");
    const folder = join(run, "look");
    const { code, stdout } = await awp("push", best, repo, "--dry-run", folder);
    expect(code).toBe(0);
    expect(stdout.split("\n")[0]).toMatch(/look\/model\.safetensors {2}\d+\.\d kB/);
    const { metadata } = cardOf(await readFile(join(folder, "README.md"), "utf8"));
    const { naturalAccuracy, robustAccuracy } = JSON.parse(
      await readFile(join(training, "evaluation-best.json"), "utf8"),
    ) as Record<string, number>;
    const [
      {
        results: [{ metrics }],
      },
    ] = metadata["model-index"] as [{ results: [{ metrics: { value: number }[] }] }];
    expect(metrics.map(({ value }) => value)).toEqual([naturalAccuracy, robustAccuracy]);
  });

  test("takes weights without a run by their evaluation", async () => {
    const hub = await standInHub();
    const { best, last, pictures } = await writtenRun();
    const folder = await temporaryFolder();
    const [file, json] = [join(folder, "weights.safetensors"), join(folder, "evaluation.json")];
    await copyFile(best, file);
    const missing = await awp("push", file, repo);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining(`awp evaluate ${file} --data FOLDER`)]);
    const scale = ["--mean", "0.4,0.5,0.6", "--std", "0.5,0.5,0.5"];
    await awp(
      ...["evaluate", file, "--network", "small-cnn", "--data", pictures, "--backend", "cpu", "--attack", "fgsm"],
      ...[...scale, "--json", json],
    );
    expect((await awp("push", file, repo, "--evaluation", json)).code).toBe(0);
    const { files } = hub.repos.get(repo)!.commits.at(-1)!;
    expect([...files.keys()].slice(1)).toEqual(["model.safetensors", "config.json", "README.md"]);
    expect(JSON.parse(String(files.get("config.json")!.bytes))).toMatchObject({
      ...{ network: "small-cnn", image_size: 8, normalization: { mean: [0.4, 0.5, 0.6], std: [0.5, 0.5, 0.5] } },
    });
    await copyFile(last, file);
    const other = await awp("push", file, repo, "--evaluation", json);
    expect([other.code, other.stderr]).toEqual([1, expect.stringContaining(`${json}: of other weights than ${file}`)]);
  });

  test("writes the files into a folder to look at, and asks the hub nothing", async () => {
    const hub = await standInHub();
    vi.stubEnv("HF_TOKEN", "");
    const { run, training } = await writtenRun();
    const folder = join(run, "look");
    expect((await awp("push", training, repo, "--dry-run", folder)).code).toBe(0);
    expect((await readdir(folder)).sort()).toEqual(
      ["README.md", "config.json", "model.safetensors", "train.yaml", "training.png"].sort(),
    );
    expect(hub.requests).toEqual([]);
  });
});

describe("awp push refuses before any work", { timeout: 120_000 }, () => {
  test.each<[string, readonly string[], number, string]>([
    ["a name that is none", ["small"], 2, 'hf: got "small", want OWNER/NAME'],
    ["a file on the hub", [`${repo}/a.pt`], 2, "want OWNER/NAME and nothing behind it"],
    ["a licence that is none", [repo, "--license", "MIT License"], 2, "--license is MIT License, want a name"],
    ["several checkpoints", [repo, "--checkpoint", "all"], 2, "--checkpoint is all, want last, best or an epoch"],
    ["a checkpoint that is not there", [repo, "--checkpoint", "7"], 1, "there are those of the epochs 1, 2"],
    ["an evaluation for a run", [repo, "--evaluation", "x.json"], 2, "--evaluation is of a file of weights"],
  ])("%s", async (_, args, code, message) => {
    const hub = await standInHub();
    const { training } = await writtenRun();
    const refused = await awp("push", training, ...args);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringContaining(message)]);
    expect(hub.requests).toEqual([]);
  });

  test("without a token, and what is not there", async () => {
    const hub = await standInHub();
    const { training } = await writtenRun();
    expect((await awp("push", `${training}-none`, repo)).stderr).toContain("no such file or folder");
    vi.stubEnv("HF_TOKEN", "");
    expect((await awp("push", training, repo)).stderr).toContain("no token of the Hugging Face hub: set HF_TOKEN");
    expect(hub.requests).toEqual([]);
  });
});
