import { afterEach, describe, expect, test, vi } from "vitest";
import { skipLong } from "@awp/testing";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a long test", () => {
  const skip = vi.fn();

  test.each(["", "0", undefined])("is skipped with its reason where AWP_LONG_TESTS is %j", (value) => {
    vi.stubEnv("AWP_LONG_TESTS", value);
    skipLong("a training of an hour", { skip });
    expect(skip).toHaveBeenLastCalledWith(true, expect.stringMatching(/^a training of an hour .*AWP_LONG_TESTS=1/));
  });

  test("runs where AWP_LONG_TESTS is 1", () => {
    vi.stubEnv("AWP_LONG_TESTS", "1");
    skipLong("a training of an hour", { skip });
    expect(skip).toHaveBeenLastCalledWith(false, expect.anything());
  });
});
