import { readdirSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { goldenPath, goldensFolder, readGolden } from "../src/index";

describe("golden files", () => {
  const files = readdirSync(goldensFolder).filter((file) => file.endsWith(".json"));

  test.each(files)("%s says what kind it is", (file) => {
    expect(readGolden<{ kind: string }>(file).kind).toMatch(/^[a-z0-9-]+$/);
  });

  test("are there, with the trained weights", () => {
    expect(files.length).toBeGreaterThanOrEqual(11);
    expect(statSync(goldenPath("robust-wrn-10-1/weights.safetensors")).size).toBe(317_088);
  });
});
