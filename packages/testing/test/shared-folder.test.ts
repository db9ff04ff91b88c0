import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sharedFolder, skipWithoutShared } from "../src/index";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("shared data", () => {
  test("lies where AWP_SHARED says", () => {
    const folder = mkdtempSync(join(tmpdir(), "awp-shared-"));
    vi.stubEnv("AWP_SHARED", folder);
    expect(sharedFolder()).toBe(folder);
    expect(sharedFolder("data/none")).toBeUndefined();
    expect(skipWithoutShared("")).toBe(false);
    rmSync(folder, { recursive: true });
    expect(sharedFolder()).toBeUndefined();
  });

  test("that is missing skips a test aloud", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    vi.stubEnv("AWP_SHARED", "/nowhere");
    expect(skipWithoutShared("data/none")).toBe(true);
    expect(warn.mock.calls.join()).toContain("data/none");
  });
});
