import { useBackend } from "@awp/core";
import { goldensFolder, skipLong } from "@awp/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { line, verdict } from "../src/report";
import { runFile } from "../src/run";

beforeAll(async () => {
  await useBackend("wasm");
});

describe("on wasm the project's golden file", () => {
  it("robust-wrn-10-1/landscape.json, all of it", { timeout: 600_000 }, async (context) => {
    skipLong("a landscape with attacks at every point", context);
    const result = await runFile(goldensFolder, "robust-wrn-10-1/landscape.json");
    if (result.missing !== undefined) context.skip(`needs ${result.missing}`);
    expect(verdict(result), line(result)).toBe("ok");
  });
});
