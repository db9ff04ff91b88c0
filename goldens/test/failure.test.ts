import { useBackend } from "@awp/core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verdict } from "../src/report";
import { type FileResult, runFile } from "../src/run";
import { type Json, scale, type TemporaryGoldens, temporaryGoldens } from "./temporary-goldens";

const losses = "losses_on_logits.json";
const projection = "l1_ball_box_projection.json";
const network = "network_wideresnet_16_2.json";
const tradesStep = "awp_step_trades_wideresnet_16_2.json";

let goldens: TemporaryGoldens;

beforeAll(async () => {
  await useBackend("wasm");
});

beforeEach(() => {
  goldens = temporaryGoldens();
});

afterEach(() => goldens.remove());

function run(file: string, change: (golden: Json) => void): Promise<FileResult> {
  goldens.write(file, change);
  return runFile(goldens.directory, file);
}

function beyond({ figures }: FileResult): string[] {
  return figures.filter(({ deviation, tolerance }) => deviation > tolerance).map(({ name }) => name);
}

/** Drops every attack but one: a field that is null counts as absent. */
function keepAttack(golden: Json, name: string): void {
  for (const key of Object.keys(golden)) if (/^(apgd|fgsm|pgd)/.test(key) && key !== name) golden[key] = null;
}

describe("a figure that is off fails", () => {
  it.each<[string, (string | number)[]]>([
    [losses, ["cross_entropy_mean", "value"]],
    [losses, ["kl_batchmean(nat||adv)", "grad_nat", 0, 0]],
    [losses, ["trades_beta6", "grad_adv", 2, 3]],
    [losses, ["mart_beta5", "value"]],
    [losses, ["mart_beta6", "grad_nat", 1, 8]],
    [losses, ["dlr_per_example", "value", 4]],
    [losses, ["dlr_targeted_per_example", "grad_adv", 0, 1]],
    [losses, ["cw_margin_per_example", "grad_adv", 1, 1]],
    [losses, ["logits_adv", 3, 0]],
    [projection, ["correction", 0, 0]],
    [projection, ["eps"]],
  ])("%s %j", async (file, path) => {
    const result = await run(file, (golden) => scale(golden, path, 1.01));
    expect(verdict(result)).toBe("FAIL");
  });

  it.each<[string, (string | number)[], number]>([
    ["eval logits", ["eval", "logits", 1, 2], 1.01],
    ["eval loss", ["eval", "ce"], 1.01],
    ["eval input gradient norm", ["eval", "input_grad_norm"], 1.001],
    ["eval input gradient entries", ["eval", "input_grad_nhwc_head", 3], 1.1],
  ])("of a network: %s", { timeout: 300_000 }, async (name, path, factor) => {
    const result = await run(network, (golden) => {
      delete golden["train"];
      scale(golden, path, factor);
    });
    expect(beyond(result)).toEqual([name]);
    expect(verdict(result)).toBe("FAIL");
  });

  it("of an attack", { timeout: 300_000 }, async () => {
    const result = await run("attacks_wideresnet.json", (golden) => {
      keepAttack(golden, "fgsm_linf_8_255");
      scale(golden, ["fgsm_linf_8_255", "ce_before_each_step_then_final", 1], 1.02);
      scale(golden, ["fgsm_linf_8_255", "delta_linf"], 1.05);
      scale(golden, ["bn_running", "bn1.running_var", "norm"], 1.001);
    });
    expect(beyond(result)).toEqual([
      "statistics bn1.running_var norm",
      "fgsm_linf_8_255 ce_before_each_step_then_final",
      "fgsm_linf_8_255 delta_linf",
    ]);
  });

  it("of a training step", { timeout: 300_000 }, async () => {
    const result = await run("awp_step_at_preactresnet18.json", (golden) => {
      golden["steps"] = (golden["steps"] as Json[]).slice(0, 1);
      const step = ["steps", 0] as const;
      scale(golden, [...step, "loss_at_perturbed_weights"], 1.0001);
      scale(golden, [...step, "v_before_gamma", "layer2.0.conv1.weight", "head", 2], 1.1);
      scale(golden, [...step, "grad_norms_at_perturbed_weights", "bn.bias"], 1.1);
      scale(golden, [...step, "params_after_restore", "linear.weight", "norm"], 1.001);
      scale(golden, [...step, "params_after_restore", "conv1.weight", "head", 0], 1.01);
      scale(golden, [...step, "bn_after_step", "bn.running_var", "norm"], 1.001);
    });
    expect(beyond(result)).toEqual([
      "step 0 loss",
      "step 0 v layer2.0.conv1.weight entries",
      "step 0 gradient bn.bias norm",
      "step 0 parameter conv1.weight entries",
      "step 0 parameter linear.weight norm",
      "step 0 statistics bn.running_var norm",
    ]);
  });

  it("of a training step of TRADES", { timeout: 300_000 }, async () => {
    const result = await run(tradesStep, (golden) => {
      golden["steps"] = (golden["steps"] as Json[]).slice(0, 1);
      scale(golden, ["steps", 0, "loss_natural"], 1.0001);
      scale(golden, ["steps", 0, "loss_robust"], 1.01);
      scale(golden, ["steps", 0, "bn_after_step", "bn1.running_mean", "norm"], 1.001);
    });
    expect(beyond(result)).toEqual([
      "step 0 loss_natural",
      "step 0 loss_robust",
      "step 0 statistics bn1.running_mean norm",
    ]);
  });

  it("of a network with a parameter of another shape", { timeout: 300_000 }, async () => {
    const result = await run(network, (golden) => {
      delete golden["train"];
      (golden["parameters"] as [string, number[]][])[1] = ["block1.layer.0.bn1.weight", [17]];
    });
    expect(result.figures[0]?.name).toBe("parameters: block1.layer.0.bn1.weight [17]");
    expect(verdict(result)).toBe("FAIL");
  });

  it("of a network on other images", { timeout: 300_000 }, async () => {
    const result = await run(network, (golden) => {
      delete golden["train"];
      golden["image_seed"] = 778;
    });
    expect(verdict(result)).toBe("FAIL");
  });
});

describe("a golden file with something unknown is not yet covered, and no failure:", () => {
  it("a kind, an architecture, a field of a network, a defense, a loss", async () => {
    const cases: [(golden: Json) => void, string, string][] = [
      [(golden) => void (golden["kind"] = "holograms"), network, "kind holograms"],
      [(golden) => void (golden["network"] = { arch: "vit", classes: 10 }), network, "architecture vit"],
      [(golden) => void ((golden["network"] as Json)["dropout"] = 0.3), network, `${network}.network.dropout`],
      [(golden) => void (golden["image_shift"] = 1), network, `${network}.image_shift`],
      [(golden) => void (golden["defense"] = "mail"), tradesStep, "defense mail"],
    ];
    for (const [change, file, what] of cases) {
      const result = await run(file, change);
      expect(result.notYet).toEqual([what]);
      expect(verdict(result)).toBe("not yet");
    }
    const result = await run(losses, (golden) => void (golden["focal"] = { value: 1 }));
    expect(result.notYet).toEqual(["focal"]);
    expect(verdict(result)).toBe("ok");
  });
});

it("an attack of a golden file is known by its numbers, whatever else its name says", {
  timeout: 300_000,
}, async () => {
  const result = await run("attacks_wideresnet.json", (golden) => {
    keepAttack(golden, "fgsm_linf_8_255");
    golden["pgd1_linf_step_8_255"] = golden["fgsm_linf_8_255"];
    golden["fgsm_linf_targeted"] = golden["fgsm_linf_8_255"];
    golden["pgd1_linf_of_another_kind"] = { ...(golden["fgsm_linf_8_255"] as Json), momentum: 0.5 };
    delete golden["fgsm_linf_8_255"];
  });
  expect(verdict(result)).toBe("ok");
  expect(result.figures.filter(({ name }) => name.startsWith("pgd1_linf_step_8_255"))).toHaveLength(4);
  expect(result.notYet).toEqual(["fgsm_linf_targeted", "pgd1_linf_of_another_kind"]);
});

describe("a malformed golden file is an error that names the place:", () => {
  it.each<[string, (golden: Json) => void, string]>([
    ["no kind", (golden) => delete golden["kind"], "losses_on_logits.json.kind: got nothing, want text"],
    ["text for numbers", (golden) => (golden["logits_adv"] = "many"), '.logits_adv: got "many", want rows'],
    ["rows of two lengths", (golden) => (golden["logits_adv"] = [[1, 2], [3]]), ".logits_adv: got [[1,2],[3]]"],
    ["not a number", (golden) => (golden["labels"] = [1, null]), ".labels: got [1,null], want finite numbers"],
    ["no figures", (golden) => (golden["dlr_per_example"] = 3), ".dlr_per_example: got 3, want an object"],
  ])("%s", async (_, change, message) => {
    const result = await run(losses, change);
    expect(verdict(result)).toBe("ERROR");
    expect(result.error).toContain(message);
  });

  it("no JSON", async () => {
    goldens.writeText(losses, "{");
    const result = await runFile(goldens.directory, losses);
    expect(verdict(result)).toBe("ERROR");
    expect(result.error).toMatch(/^losses_on_logits\.json: /);
  });
});
