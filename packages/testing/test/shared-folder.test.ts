import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { sharedFolder, skipWithoutShared } from "../src/index";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("shared data", () => {
  test("lies where AWP_SHARED says", () => {
    const folder = mkdtempSync(join(tmpdir(), "awp-shared-"));
    vi.stubEnv("AWP_SHARED", folder);
    expect(sharedFolder()).toBe(folder);
    expect(sharedFolder("data/none")).toBeUndefined();
    const skip = vi.fn();
    skipWithoutShared("", { skip });
    expect(skip).toHaveBeenCalledWith(false, expect.anything());
    rmSync(folder, { recursive: true });
    expect(sharedFolder()).toBeUndefined();
  });

  test("that is missing skips a test with the reason", () => {
    const skip = vi.fn();
    vi.stubEnv("AWP_SHARED", "/nowhere");
    skipWithoutShared("data/none", { skip });
    expect(skip).toHaveBeenCalledWith(true, expect.stringContaining("data/none"));
  });
});
