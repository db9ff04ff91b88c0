import { useBackend } from "@awp/core";
import { skipLong } from "@awp/testing";
import { beforeAll, describe, it } from "vitest";
import { expectOk } from "./expect-ok";

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
    await expectOk(file, context);
  });
});
