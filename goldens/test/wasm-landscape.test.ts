import { useBackend } from "@awp/core";
import { skipLong } from "@awp/testing";
import { beforeAll, describe, it } from "vitest";
import { expectOk } from "./expect-ok";

beforeAll(async () => {
  await useBackend("wasm");
});

describe("on wasm the project's golden file", () => {
  it("robust-wrn-10-1/landscape.json, all of it", { timeout: 600_000 }, async (context) => {
    skipLong("a landscape with attacks at every point", context);
    await expectOk("robust-wrn-10-1/landscape.json", context);
  });
});
