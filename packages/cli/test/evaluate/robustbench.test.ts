import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hostUniform, random } from "@awp/core";
import { disposeNetwork, robustBenchModel, robustBenchModels } from "@awp/models";
import { saveWeights } from "@awp/models/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { cachedPath } from "../../src/model/robustbench-file";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

const linf = robustBenchModel("Wong2020Fast");
const l2 = robustBenchModel("Rice2020Overfitting", { threatModel: "l2" });

/** A folder with CIFAR-10's test file, of so many random images, and a cache of models that is this test's own. */
async function withImages(count: number): Promise<string> {
  const folder = await temporaryFolder();
  vi.stubEnv("XDG_CACHE_HOME", join(folder, "cache"));
  onTestFinished(() => void vi.unstubAllEnvs());
  const draws = hostUniform(random(3), count * 3073);
  const bytes = Uint8Array.from(draws, (u, i) => (i % 3073 === 0 ? (i / 3073) % 10 : 256 * u));
  await mkdir(join(folder, "cifar-10-batches-bin"));
  await writeFile(join(folder, "cifar-10-batches-bin", "test_batch.bin"), bytes);
  return folder;
}

/** Writes a file of PyTorch for a model, with random weights. */
async function written(model: typeof linf, path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const network = model.network!({ random: random(1) });
  await saveWeights(network, path);
  disposeNetwork(network);
  return path;
}

const evaluate = (data: string, ...args: readonly string[]) =>
  awp("evaluate", ...args, "--data", data, "--backend", "wasm", "--quiet", "--attack", "fgsm");

describe("a model of RobustBench", { timeout: 240_000 }, () => {
  test("is measured under its own threat model, with the published figures beside", async () => {
    const data = await withImages(3);
    const [file, json] = [await written(l2, join(data, "model.pt")), join(data, "report.json")];
    const args = ["--from", "robustbench:cifar10/L2/Rice2020Overfitting", "--weights", file, "--json", json];
    const { code, stdout, stderr } = await evaluate(data, ...args);
    expect(code, stderr).toBe(0);
    const { published, runs, norm } = JSON.parse(await readFile(json, "utf8")) as Record<string, unknown>;
    expect([norm, runs]).toEqual(["l2", [expect.objectContaining({ attack: "fgsm", norm: "l2", epsilon: 0.5 })]]);
    // As RobustBench's leaderboard has them.
    const figures = { cleanAccuracy: 0.8867, autoAttackAccuracy: 0.6768, epsilon: 0.5, examples: 10_000 };
    expect(published).toMatchObject({ name: "Rice2020Overfitting", norm: "l2", ...figures });
    expect(stdout).toMatch(/\nRice2020Overfitting +images +clean +AutoAttack l2 0\.5\n/);
    expect(stdout).toMatch(/\npublished +10000 +88\.67 % +67\.68 %\nhere +3 +\d+\.\d\d % +not run\n/);
  });

  test("is found in the cache, and its attack and radius may be others", async () => {
    const data = await withImages(2);
    await written(linf, cachedPath(linf));
    const { code, stdout, stderr } = await evaluate(data, "robustbench:Wong2020Fast", "--epsilon", "1/255,2/255");
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^accuracy +linf 1\/255 +linf 2\/255/);
  });

  test.each([
    [["robustbench:Wong2020Fats"], 2, /a name of any leaderboard, like Wong2020Fast/],
    [["robustbench:Wong2020Fast", "--network", "small-cnn"], 2, /has its own network and scale/],
    [["robustbench:Wong2020Fast", "--mean", "0,0,0"], 2, /has its own network and scale/],
    [["robustbench:Wong2020Fast", "--weights", "none.pt"], 1, /none\.pt: no such file/],
    [["hf:a/b", "--weights", "x.pt"], 2, /--weights is the file of a robustbench:NAME, and the model is hf:a\/b/],
  ])("is refused as %j", async (args, code, message) => {
    const refused = await evaluate(await withImages(1), ...args);
    expect([refused.code, refused.stderr]).toEqual([code, expect.stringMatching(message)]);
  });

  test("of which there is no network is refused with the reason", async () => {
    const missing = robustBenchModels.find(({ network }) => network === undefined)!;
    const { dataset, threatModel, name, unsupported } = missing;
    const refused = await evaluate(await withImages(1), `robustbench:${dataset}/${threatModel}/${name}`);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining(unsupported!)]);
  });
});

test("awp models lists those that can be built, and all of them as JSON", async () => {
  const { stdout } = await awp("models");
  expect(stdout).toMatch(/^name +images +radius +network +clean +AutoAttack\n/);
  expect(stdout).toMatch(/\nWong2020Fast +cifar10 +linf 8\/255 +PreActResNet.+ +83\.34 % +43\.21 %\n/);
  const listed = JSON.parse((await awp("models", "--json")).stdout) as { readonly built: boolean }[];
  expect(listed).toHaveLength(robustBenchModels.length);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1 + listed.filter(({ built }) => built).length);
});
