import { useBackend } from "@awp/core";
import { skipWithoutShared } from "@awp/testing";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { line, verdict } from "../src/report";
import { type FileResult, runFile } from "../src/run";
import { type Json, scale, type TemporaryGoldens, temporaryGoldens } from "./temporary-goldens";

const file = "robust-wrn-10-1/landscape.json";
const eigenvalues = "hessian_top_eigenvalue";
const steps = "one_step_awp_on_adversarial_fixed_at_w_eval_mode";

let goldens: TemporaryGoldens;
beforeAll(() => useBackend("wasm").then(() => undefined));
beforeEach(() => (goldens = temporaryGoldens()));
afterEach(() => goldens.remove());

function run(change: (golden: Json) => void): Promise<FileResult> {
  goldens.write(file, change);
  return runFile(goldens.directory, file);
}

/** Keeps but one point, and no more than that. */
function keepPoint(golden: Json, alpha: number): void {
  golden["points"] = (golden["points"] as Json[]).filter((point) => point["alpha"] === alpha);
  golden[eigenvalues] = null;
  golden[steps] = null;
}

describe("a landscape of real images", { timeout: 300_000 }, () => {
  beforeEach((context) => skipWithoutShared("data/cifar-10-subset", context));

  it("has the reference's figures, and fails where one is off", async () => {
    const result = await run((golden) => {
      keepPoint(golden, -0.5);
      scale(golden, ["points", 0, "pregenerated_loss"], 1.002);
      scale(golden, ["points", 0, "clean_accuracy"], 62 / 60);
    });
    const beyond = result.figures.filter(({ deviation, tolerance }) => deviation > tolerance);
    expect(beyond.map(({ name }) => name)).toEqual(["alpha -0.5 clean_accuracy", "alpha -0.5 pregenerated_loss"]);
    expect(verdict(result), line(result)).toBe("FAIL");
    expect(result.figures).toHaveLength(6);
  });

  it("has the reference's loss at one step of AWP", async () => {
    const result = await run((golden) => {
      golden["points"] = null;
      golden[eigenvalues] = null;
      golden[steps] = (golden[steps] as Json[]).slice(1);
    });
    expect(result.figures.map(({ name }) => name)).toEqual([
      "one-step AWP gamma 0.01 loss",
      "one-step AWP gamma 0.01 loss_at_w_plus_v",
    ]);
    expect(verdict(result), line(result)).toBe("ok");
  });
});

describe("a landscape that is told of in other words is not yet covered, and never another one:", () => {
  it.each<[string, unknown, string]>([
    ["model", "vit-small", "model vit-small"],
    ["images", "every second of test_batch.bin", "images every second of test_batch.bin"],
    ["images", "last 200 of test_batch.bin", "images last 200"],
    ["mode", "train", "mode train"],
    ["norm", "l1", "norm l1"],
    ["attack", "PGD-10 from a random start, step 2/255, cross-entropy, made anew at every alpha", "attack PGD-10 from"],
    ["attack", "PGD-10 from the image itself, step 2/255, margin, made anew at every alpha", "attack PGD-10 from"],
    ["attack", "APGD from the image itself", "attack APGD"],
    ["direction", "direction.safetensors: the weights are w - alpha * direction", "direction direction.safetensors"],
    ["momentum", 0.9, "landscape.json.momentum"],
  ])("%s: %j", async (key, value, message) => {
    const result = await run((golden) => void (golden[key] = value));
    expect(result.notYet.join()).toContain(message);
    expect(verdict(result)).toBe("not yet");
  });

  it.each<[string, unknown, string]>([
    ["epsilon", "wide", '.epsilon: got "wide", want a number or a fraction'],
    ["images", "first 0 of test_batch.bin", "want some"],
  ])("or is malformed: %s %j", async (key, value, message) => {
    const result = await run((golden) => void (golden[key] = value));
    expect(result.error).toContain(message);
  });
});
