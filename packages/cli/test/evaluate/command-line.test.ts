import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder";
import { awp, awpOnTerminal } from "../written";
import { writeLayersModel } from "./linear-model";
import { randomPictures, writePictures } from "./pictures";

const shape = [2, 2, 3] as const;
const weights = Array.from({ length: 12 }, (_, pixel) => [pixel % 2, 1 - (pixel % 2)]);

let folder = "";
let data = "";
let model = "";
beforeEach(async () => {
  folder = await temporaryFolder();
  data = await writePictures(join(folder, "pictures"), randomPictures(2, 2, 2));
  model = await writeLayersModel(join(folder, "model"), { shape, weights, softmax: false });
});

/** The command on the model and the pictures, at its fastest. */
const evaluate = (...args: readonly string[]) => awp("evaluate", model, "--data", data, "--backend", "cpu", ...args);

describe("the command line of awp evaluate", () => {
  test.each([
    [["--epsilon", "8/"], /--epsilon .* a number or a fraction such as 8\/255/],
    [["--epsilon", "1/255,-1"], /--epsilon .* not negative/],
    [["--count", "0"], /--count .* an integer of at least 1/],
    [["--attack", "fgsm,magic"], /--attack .*magic.*one of autoattack, .*pgd-STEPS/],
    [["--attack", "pgd-0"], /--attack .*pgd-0/],
    [["--norm", "l3"], /--norm .*one of linf, l2, l1/],
    [["--network", "resnet"], /--network .*wideresnet-DEPTH-WIDTH/],
    [["--model", "resnet"], /--model .*wideresnet-DEPTH-WIDTH/],
    [["--backend", "webgl"], /--backend .*one of torch, tensorflow, wasm, cpu/],
    [["--output", "odds"], /--output .*one of logits, probabilities/],
    [["--range", "0"], /--range is 0, want the values of black and white/],
    [["--range", "1,1"], /--range is 1,1/],
    [["--range", "1,0"], /--range is 1,0/],
    [["--preprocessing", "tf", "--bgr"], /--preprocessing is a scale already, and --bgr another/],
    [["--mean", "a,b"], /--mean .*a number/],
    [["--attack", "deepfool"], /norm: got "linf", want l2 for the attack deepfool/],
    [["--attack", "fgsm", "--norm", "l1"], /norm: got "l1", want linf or l2 for the attack fgsm/],
    [["--attack", "fgsm", "--state", "file"], /--state keeps AutoAttack's progress/],
    [["--resume"], /--state FILE is missing/],
    [["--unknown"], /--unknown/],
  ])("refuses %j before any work", async (args, message) => {
    const { code, stdout, stderr } = await evaluate(...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("refuses a missing model, and says where --json has taken it for its file", async () => {
    const missing = await awp("evaluate", "--data", data);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("MODEL is missing: a .safetensors or .pt, or the model.json");
    const taken = await awp("evaluate", "--data", data, "--json", model);
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain(`--json has taken ${model} as its file: write --json last`);
    const before = await readFile(model, "utf8");
    expect((await evaluate("--json", model)).stderr).toContain("--json would overwrite the model");
    expect(await readFile(model, "utf8")).toBe(before);
  });

  test.each([
    ["a folder", ["--data", "nowhere"], "nowhere: no such file or folder"],
    ["a state", ["--resume", "--state", "none"], "none: no state to go on from"],
    ["names of classes", ["--class-names", "none.txt"], "none.txt"],
  ])("ends with one line for %s that is not there", async (_, args, message) => {
    const { code, stdout, stderr } = await evaluate("--quiet", ...args);
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(message);
  });

  test("ends with 1 and one line for weights that are not there", async () => {
    const { code, stderr } = await awp("evaluate", "--weights", "none.safetensors", "--data", data);
    expect([code, stderr]).toEqual([1, "error: none.safetensors: no such file or folder\n"]);
  });

  test("ends with 1 and one line for a report that cannot be written", async () => {
    const file = join(model, "report.json");
    const { code, stdout, stderr } = await evaluate("--attack", "fgsm", "--count", "1", "--quiet", "--json", file);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^error: .*report\.json: not written: .*\n$/);
  });

  test("takes no text for a model, and nothing else than JSON for model.json", async () => {
    const text = join(folder, "model.h5");
    await writeFile(text, "");
    expect((await awp("evaluate", text, "--data", data)).stderr).toContain(
      "neither a .safetensors, .pt or .pth nor a model.json",
    );
    await writeFile(model, "{}");
    const { code, stderr } = await evaluate("--attack", "fgsm", "--quiet");
    expect(code).toBe(1);
    expect(stderr).toContain(model);
  });
});

describe("awp evaluate compares the data with the model:", () => {
  test("a size that the model does not take", async () => {
    const { code, stderr } = await evaluate("--attack", "fgsm", "--size", "4");
    expect(code).toBe(1);
    expect(stderr).toContain(`the layers model takes images of 2×2×3, those of ${data} are of 4×4×3`);
  });

  test("other classes than the model's, unless their names are given", async () => {
    await mkdir(join(data, "another"));
    await writePictures(data, { ...randomPictures(2, 1, 1), classNames: ["another"] });
    const { code, stderr } = await evaluate("--attack", "fgsm");
    expect(code).toBe(1);
    expect(stderr).toContain(`the model tells 2 classes apart, ${data} has 3`);
    const names = join(folder, "names.txt");
    await writeFile(names, "class-0\nanother\n");
    expect((await evaluate("--attack", "fgsm", "--class-names", names)).stderr).toContain("class-1: not among");
  });

  test("more images wanted than there are", async () => {
    const { code, stderr } = await evaluate("--attack", "fgsm", "--count", "5");
    expect(code).toBe(2);
    expect(stderr).toContain("--count is 5, and there are 4 images");
  });
});

describe("awp evaluate prints", () => {
  test("a table and, last, one line of JSON; progress and notes elsewhere", async () => {
    const { code, stdout, stderr } = await evaluate("--attack", "fgsm,pgd-3", "--epsilon", "0,1/255", "--count", "2");
    const [header = "", none = "", ...rest] = stdout.trimEnd().split("\n");
    expect([code, header.split(/ {2,}/), none.split(/ {2,}/)[0]]).toEqual([
      ...[0, ["accuracy", "linf 0", "linf 1/255", "seconds"], "no attack"],
    ]);
    expect(rest.map((line) => line.split(/ {2,}/)[0])).toEqual(["fgsm", "pgd-3", "all of them", expect.anything()]);
    expect(JSON.parse(rest.at(-1) as string)).toMatchObject({ examples: 2, norm: "linf" });
    expect(stderr).toMatch(/^backend cpu: .*\nfgsm 0 {2}.* robust\n/);
    expect(`${stdout}${stderr}`).not.toContain("\u001b"); // no colour where no terminal is
  });

  test("a bar for each attack on a terminal, which is gone at the end, and none with --quiet", async () => {
    const args = ["evaluate", model, "--data", data, "--backend", "cpu", "--attack", "fgsm,pgd-3"];
    const { stdout, stderr } = await awpOnTerminal(...args);
    expect(stderr).toMatch(/pgd-3 8\/255 [█░]+/);
    expect(stdout).not.toMatch(/[█░]/);
    expect((await awpOnTerminal(...args, "--quiet")).stderr).toBe("");
  });

  test("one JSON document alone with --json, and nothing else with --quiet", async () => {
    const { stdout, stderr } = await evaluate("--attack", "fgsm", "--quiet", "--json");
    const { perExample, runs } = JSON.parse(stdout) as { perExample: unknown[]; runs: unknown[] };
    expect([perExample.length, runs.length, stderr]).toEqual([4, 1, ""]);
  });

  test("the document into a file, and the table all the same", async () => {
    const file = join(folder, "report.json");
    const { stdout } = await evaluate("--attack", "fgsm", `--json=${file}`);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ examples: 4, model: { file: model } });
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) as string)).toMatchObject({ attack: "fgsm", examples: 4 });
    expect(await readdir(folder)).not.toContain("report.json.partial");
  });
});
