import { useBackend } from "@awp/core";
import { goldensFolder, skipLong } from "@awp/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";

beforeAll(async () => {
  await useBackend("wasm");
});

describe("on wasm the project's golden file", () => {
  it.for([
    "attacks_robust_wideresnet.json",
    "attacks_wideresnet.json",
    "awp_step_at_preactresnet18.json",
    "network_preactresnet18.json",
    "network_wideresnet_34_10.json",
  ])("%s, all of it", { timeout: 600_000 }, async (file, context) => {
    skipLong(file, context);
    const result = await runFile(goldensFolder, file);
    if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
    expect(verdict(result), line(result)).toBe("ok");
  });
});
