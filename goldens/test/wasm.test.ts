import { useBackend } from "@awp/core";
import { goldensFolder } from "@awp/testing";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";
import { expectOk } from "./expect-ok";
import { temporaryGoldens } from "./temporary-goldens";

beforeAll(async () => {
  await useBackend("wasm");
});

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
    ["attacks_robust_wideresnet.json", "APGD's hundred iterations", /^apgd/],
    ["attacks_wideresnet.json", "APGD's hundred iterations", /^apgd/],
    ["network_preactresnet18.json", "the training pass", /^train$/],
  ])("%s but for %s", { timeout: 600_000 }, async ([file, , dropped], context) => {
    context.skip(process.env["AWP_LONG_TESTS"] === "1", "wasm-whole.test.ts runs all of it");
    const goldens = temporaryGoldens();
    onTestFinished(() => goldens.remove());
    goldens.write(file, (golden) => {
      for (const name of Object.keys(golden)) if (dropped.test(name)) golden[name] = null;
    });
    await expectOk(file, context, goldens.directory);
  });
});
