import { useBackend } from "@awp/core";
import { goldensFolder, skipLong } from "@awp/testing";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";
import { temporaryGoldens } from "./temporary-goldens";

beforeAll(async () => {
  await useBackend("wasm");
});

const attacks = ["attacks_robust_wideresnet.json", "attacks_wideresnet.json"];

describe("on wasm the project's golden file", () => {
  it.each([
    "awp_step_trades_wideresnet_16_2.json",
    "fab_projections.json",
    "filter_normalisation.json",
    "l1_ball_box_projection.json",
    "losses_on_logits.json",
    "network_wideresnet_16_2.json",
    "square_p_schedule.json",
  ])("%s", { timeout: 600_000 }, async (file) => {
    const result = await runFile(goldensFolder, file);
    expect(verdict(result), line(result)).toBe("ok");
  });

  // Of the AWP steps the first is run in any case, and with it PreActResNet-18's training pass: failure.test.ts finds
  // every figure of it within its tolerance but those that it changes.
  it.for<[string, string, RegExp]>([
    ...attacks.map((file): [string, string, RegExp] => [file, "APGD's hundred iterations", /^apgd/]),
    ["network_preactresnet18.json", "the training pass", /^train$/],
  ])("%s but for %s", { timeout: 600_000 }, async ([file, , dropped], context) => {
    const goldens = temporaryGoldens();
    onTestFinished(() => goldens.remove());
    goldens.write(file, (golden) => {
      for (const name of Object.keys(golden)) if (dropped.test(name)) golden[name] = null;
    });
    const result = await runFile(goldens.directory, file);
    if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
    expect(verdict(result), line(result)).toBe("ok");
  });

  it.for([
    ...attacks,
    "awp_step_at_preactresnet18.json",
    "network_preactresnet18.json",
    "network_wideresnet_34_10.json",
    "robust-wrn-10-1/landscape.json",
  ])("%s, all of it", { timeout: 600_000 }, async (file, context) => {
    skipLong(file, context);
    const result = await runFile(goldensFolder, file);
    if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
    expect(verdict(result), line(result)).toBe("ok");
  });
});
