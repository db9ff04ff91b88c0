import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { printConfig } from "../../src/train/config/print";
import { schema } from "../../src/train/config/schema";
import { startAwp } from "../child";
import { awp, type Written } from "../written";
import { remove, temporaryFolder, writeSettings } from "./folder";

const from = process.cwd();
let folder = "";
beforeEach(() => {
  folder = temporaryFolder();
  process.chdir(folder); // where the user stands, and no run of his own lies
});
afterEach(() => {
  process.chdir(from);
  remove(folder);
});

/** Runs `awp train` in this process, for what ends before any work. */
const train = (...args: readonly string[]): Promise<Written> => awp("train", ...args);

/** A few images of noise in CIFAR-10's layout: what is learnt does not matter here. */
function writeImages(): void {
  const file = (count: number): Uint8Array =>
    Uint8Array.from({ length: count * 3073 }, (_, i) => (i % 3073 === 0 ? (i / 3073) % 10 : (i * 7919) % 256));
  mkdirSync(join(folder, "cifar"));
  writeFileSync(join(folder, "cifar", "data_batch_1.bin"), file(60));
  writeFileSync(join(folder, "cifar", "test_batch.bin"), file(20));
}

describe("awp train", () => {
  test("on CIFAR-10 prints a table of its methods, and what to try next apart from it", async () => {
    writeImages();
    const settings = writeSettings(folder, {
      data: { directory: "cifar", validation: 10 },
      methods: ["standard", "at", "at-awp"],
      attack: { steps: 1 },
      batchSize: 18,
      epochs: 2,
      backend: "wasm",
    });
    const { code, stdout, stderr } = await startAwp(["train", "--config", settings], { cwd: folder }).ended;
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/train PGD-20 .* robust gap/);
    for (const title of ["standard", "AT", "AT-AWP"])
      expect(stdout).toMatch(new RegExp(`^${title}( +-?\\d+\\.\\d %){6} +\\d+$`, "m"));
    const [plan = ""] = stderr.split("\n");
    expect(plan).toMatch(
      /^Training small-cnn with standard and AT and AT-AWP on 50 images of cifar10.* on wasm(, about \d+|; how long it takes)/,
    );
    expect(stderr).toMatch(/To try next:/);
    const written = JSON.parse(readFileSync(join(folder, "runs", "train-1", "results.json"), "utf8")) as object;
    expect(written).toMatchObject({ results: [{ method: "standard" }, { method: "at" }, { method: "at-awp" }] });
    expect((await startAwp(["train", "--resume", "--quiet", "--json"], { cwd: folder }).ended).stderr).toBe("");
  }, 120_000);

  test("--dry-run makes two steps of everything and leaves nothing", async () => {
    const temporary = join(folder, "tmp");
    mkdirSync(temporary);
    const settings = writeSettings(folder, { schedule: { name: "multipleDecay" }, epochs: 1000, warmupEpochs: 3 });
    const args = ["train", "--config", settings, "--dry-run", "--backend", "wasm", "--batch-size", "8", "--steps", "1"];
    const { code, stdout, stderr } = await startAwp(args, { cwd: folder, env: { TMPDIR: temporary, TEMP: temporary } })
      .ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/All of it works on wasm; by these steps the whole takes about/);
    expect(stdout).toBe("");
    expect(readdirSync(folder).sort()).toEqual(["tmp", "train.json"]);
    expect(readdirSync(temporary).filter((name) => name.startsWith("awp"))).toEqual([]);
  }, 120_000);

  test("--print-config writes every default, and options over them", async () => {
    const { code, stdout } = await train("--print-config");
    expect([code, stdout]).toEqual([0, printConfig(schema.parse({}))]);
    expect((await train("--print-config", "--gamma", "0.02")).stdout).toContain("gamma: 0.02 #");
  });

  test.each([
    [["--resume"], "--resume: there is no run"],
    [["--resume", "--output", "nowhere"], "--resume: nowhere holds no run"],
    [["--resume", "--dry-run"], "--dry-run keeps nothing"],
    [["--download"], "--download: --data"],
    [["--config", "nowhere.yaml"], "nowhere.yaml: not read"],
    [["--epochs", "0"], "an integer of at least 1"],
    [["--fast"], "--fast"],
    [["extra"], "too many arguments"],
    [["--backend", "cpu", "--batch-size", "2000"], "batchSize: 2000; wanted at most 768, the training images"],
  ])("with %j ends as a command line that cannot be meant", async (args, message) => {
    const { code, stderr } = await train(...args);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test("refuses to go on with other settings, by name, and leaves the run as it is", async () => {
    const path = join(folder, "config.yaml");
    writeFileSync(path, printConfig(schema.parse({ epochs: 3 })));
    const { code, stderr } = await train("--resume", "--output", folder, "--gamma", "0.02", "--steps", "2");
    expect(code).toBe(2);
    expect(stderr).toContain("is of another training: attack.steps was 5, is 2; gamma was null, is 0.02");
    const anew = await train("--backend", "cpu", "--output", folder);
    expect([anew.code, anew.stderr]).toEqual([2, expect.stringContaining("holds a run already")]);
    expect(readdirSync(folder)).toEqual(["config.yaml"]);
  });

  test("names a folder without images before anything is written", async () => {
    const output = join(folder, "run");
    const { code, stderr } = await train("--data", join(folder, "nowhere"), "--backend", "cpu", "--output", output);
    expect([code, stderr]).toEqual([1, expect.stringContaining(join(folder, "nowhere"))]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
