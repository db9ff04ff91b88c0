import { useBackend } from "@awp/core";
import { goldensFolder } from "@awp/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";

beforeAll(async () => {
  await useBackend("wasm");
});

describe("the project's own golden files, on wasm", () => {
  it.for([
    "attacks_robust_wideresnet.json",
    "attacks_wideresnet.json",
    "awp_step_at_preactresnet18.json",
    "fab_projections.json",
    "l1_ball_box_projection.json",
    "losses_on_logits.json",
    "network_preactresnet18.json",
    "network_wideresnet_16_2.json",
    "network_wideresnet_34_10.json",
    "square_p_schedule.json",
  ])("%s", { timeout: 600_000 }, async (file, context) => {
    const result = await runFile(goldensFolder, file);
    if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
    expect(verdict(result), line(result)).toBe("ok");
  });

  it.each([
    ["awp_step_trades_wideresnet_16_2.json", "defense trades"],
    ["filter_normalisation.json", "kind direction-normalisation"],
  ])("%s: not yet", async (file, what) => {
    const result = await runFile(goldensFolder, file);
    expect(verdict(result)).toBe("not yet");
    expect(result.notYet).toEqual([what]);
  });
});
