import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfigFile } from "../../src/train/config/config-file";
import { differences } from "../../src/train/config/identity";
import { notes } from "../../src/train/config/notes";
import { printConfig } from "../../src/train/config/print";
import { resolveConfig, type Values } from "../../src/train/config/resolve";
import { isMapping, schema, type TrainConfig } from "../../src/train/config/schema";
import { settingsIn, trainOptions } from "../../src/train/options";
import { UsageError } from "../../src/usage-error";
import { remove, temporaryFolder } from "./folder";

const folder = temporaryFolder();
afterAll(() => remove(folder));
const path = join(folder, "train.yaml");

async function read(text: string, overrides: Values = {}): Promise<TrainConfig> {
  writeFileSync(path, text);
  return resolveConfig(await readConfigFile(path), overrides);
}

/** The settings that options stand for, over those of a file. */
const withOptions = async (args: readonly string[], text = ""): Promise<TrainConfig> => {
  const command = trainOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  return read(text, settingsIn(command.parse([...args], { from: "user" }).opts()));
};

describe("an error in a configuration", () => {
  test.each([
    ["attack:\n  norm: linf\n  steps: -3\n", "train.yaml:3: attack.steps: -3; wanted an integer of at least 1"],
    ["epochs: many", 'train.yaml:1: epochs: "many"; wanted an integer of at least 1'],
    ["\nattack: { epsilon: 8/0 }", 'train.yaml:2: attack.epsilon: "8/0"; wanted a number of at least 0 or a fraction'],
    ["gamma: -0.01", "train.yaml:1: gamma: -0.01; wanted a number of at least 0 or a fraction"],
    ["seeds: 1\nattack:\n  stepps: 3", "train.yaml:3: attack.stepps: no such field; wanted steps"],
    ["batch-size: 3", "train.yaml:1: batch-size: no such field; wanted batchSize"],
    ["zebra: 3", "train.yaml:1: zebra: no such field; wanted one of data, network, normalization, methods"],
    ["data:\n  name: cifar10\n  size: 8", "train.yaml:3: data.size: no such field; wanted one of name, directory"],
    ["data: { name: mnist }", 'data.name: "mnist"; wanted one of synthetic, cifar10, cifar100'],
    ["network: resnet", 'train.yaml:1: network: "resnet"; wanted small-cnn, preactresnet-18'],
    ["methods:\n  - at\n  - hats", 'train.yaml:3: methods.1: "hats"; wanted one of standard, at, at-awp'],
    ["methods: [at, at]", "wanted each method once"],
    ["methods: []", "methods: []; wanted at least one method"],
    ["attack: 3", "train.yaml:1: attack: 3; wanted a mapping of fields"],
    ["- a list", 'train.yaml:1: ["a list"]; wanted a mapping of fields'],
    ["schedule: { name: multipleDecay }\nepochs: 25", "train.yaml:2: epochs: 25; wanted a multiple of 10"],
    ["schedule: { name: multiStep, milestones: [5, 3] }", "milestones: [5,3]; wanted a list of ascending epochs"],
    ["data: { name: svhm }", "wanted one of synthetic, cifar10, cifar100, svhn"],
    [
      "methods: [dkl]\nregularization: { labelSmoothing: 0.1 }",
      "train.yaml:2: regularization.labelSmoothing: 0.1; wanted 0",
    ],
    ["methods: [mart-awp]\nregularization: { mixup: 1 }", "train.yaml:2: regularization.mixup: 1; wanted 0 with MART"],
    ["microBatches: 33", "train.yaml:1: microBatches: 33; wanted at most batchSize, 32"],
    [
      "ranks: { weightAttack: per-rank }",
      "decayAt: nothing; wanted clean with ranks.weightAttack per-rank: w + v differs",
    ],
    ["optimizer: { momentum: 0, nesterov: true }", "optimizer.nesterov: true; wanted false, without momentum"],
    ["epochs: 3\nepochs: 4", "train.yaml:2: Map keys must be unique"],
    ['{\n  "epochs": 3,\n  "seeds": [1.5]\n}', "train.yaml:3: seeds.0: 1.5; wanted an integer of at least 0"],
    ["epochs: [1", "train.yaml:1: Flow sequence"],
  ])("in %j names place, field, what was given and what is wanted", async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
    await expect(read(text)).rejects.toThrow(UsageError);
  });

  test("is one of several lines, one for each field", async () => {
    const wrong = read("attack:\n  steps: 0\nseeds: [-1]");
    await expect(wrong).rejects.toThrow(/train\.yaml:2: attack\.steps.*\n.*train\.yaml:3: seeds/);
  });

  test("names a file that is not there", async () => {
    await expect(readConfigFile(join(folder, "absent.yaml"))).rejects.toThrow("absent.yaml: not read");
  });
});

describe("a printed configuration", () => {
  test.each([
    {},
    { attack: { norm: "l2", epsilon: 0.5, stepSize: "15/255", steps: 10 }, methods: "standard" },
    { data: { directory: "some where", train: 500 }, network: "wideresnet-34-10", output: "runs/a: b" },
    {
      data: { name: "cifar100" },
      gamma: 0.005,
      backend: "wasm",
      jobs: 1,
      seeds: [7, 8],
      optimizer: { nesterov: true },
    },
  ])("is taken back as it was: %j", async (settings) => {
    const config = resolveConfig(undefined, settings);
    const text = printConfig(config);
    expect(await read(text)).toEqual(config);
    expect(printConfig(await read(text))).toBe(text);
  });

  test("has every default with its note, and distances as fractions", () => {
    const text = printConfig(schema.parse({}));
    expect(text).toContain("epsilon: 8/255 # radius of the ball");
    const paths = (value: unknown, at: string): readonly string[] =>
      isMapping(value)
        ? Object.entries(value).flatMap(([name, under]) => paths(under, at ? `${at}.${name}` : name))
        : [at];
    const all = [...paths(schema.parse({}), ""), ...paths(schema.parse({ data: { name: "cifar10" } }), "")];
    expect(new Set(all)).toEqual(new Set(Object.keys(notes)));
    for (const path of paths(schema.parse({}), "")) expect(text).toContain(`# ${notes[path as keyof typeof notes]}`);
  });
});

describe("the settings", () => {
  test("of the options stand above those of the file", async () => {
    const text = "attack: { steps: 3, epsilon: 4/255 }\nepochs: 9\nseeds: 5";
    const config = await withOptions(
      ["--steps", "2", "--epochs", "8", "--methods", "at", "--step-size", "1/255"],
      text,
    );
    expect(config).toMatchObject({ epochs: 8, seeds: [5], methods: ["at"] });
    expect(config.attack).toEqual({ norm: "linf", epsilon: 4 / 255, stepSize: 1 / 255, steps: 2, mode: null });
  });

  test("with a folder of images mean CIFAR-10, unless they say otherwise", async () => {
    expect((await withOptions(["--data", "here"])).data).toMatchObject({ name: "cifar10", directory: "here" });
    expect((await withOptions(["--data", "here", "--dataset", "cifar100"])).data.name).toBe("cifar100");
    expect((await withOptions(["--data", "here"], "data: { name: cifar100 }")).data.name).toBe("cifar100");
    expect((await withOptions([])).data.name).toBe("synthetic");
  });

  test.each([
    [["--epochs", "0"], "an integer of at least 1"],
    [["--epsilon", "8/"], "a fraction such as 8/255"],
    [["--methods", "at,hats"], "one of standard, at, at-awp"],
    [["--max-time", "soon"], "90s"],
    [["--jobs", "0"], "an integer of at least 1"],
  ])("of %j are refused", async (args, message) => {
    await expect(withOptions(args)).rejects.toThrow(message);
  });

  test("are those of another training where what comes of it changes, and not where the machine does", () => {
    const of = (settings: Values): TrainConfig => resolveConfig(undefined, settings);
    const before = of({ data: { directory: "here" } });
    expect(differences(before, of({ data: { directory: "there" }, backend: "cpu", jobs: 1, output: "x" }))).toEqual([]);
    expect(differences(before, of({ data: { directory: "here" }, gamma: 0.02, methods: ["at"] }))).toEqual([
      "gamma was null, is 0.02",
      'methods was "at, at-awp", is "at"',
    ]);
    expect(differences(before, of({}))).toContain('data.name was "cifar10", is "synthetic"');
    const synchronised = of({ data: { directory: "here" }, ranks: { batchNorm: "synchronised" } });
    expect(differences(before, synchronised)).toEqual(['ranks.batchNorm was "per-replica", is "synchronised"']);
  });
});
