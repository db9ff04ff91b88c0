import { execFileSync } from "node:child_process";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, test } from "vitest";
import { type BackendName, useBackend } from "../../src";

afterAll(() => tf.setBackend("cpu"));

describe("useBackend", () => {
  test.each(["wasm", "cpu"] as const)("makes %s run where it is asked for", async (name) => {
    expect(await useBackend(name)).toMatchObject({ name, reason: "asked for" });
    expect(tf.getBackend()).toBe(name);
  });

  test("leaves the process's own handling of errors alone", () => {
    // In a process of its own: here the backend has started already.
    const script = `
    import { useBackend } from "@awp/core";
    const count = () => process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
    const before = count();
    await useBackend("wasm");
    process.stdout.write(String(count() - before));`;
    const options = ["--import", "tsx", "--conditions=@awp/source", "--input-type=module", "--eval", script];
    expect(execFileSync(process.execPath, options, { encoding: "utf8" })).toBe("0");
  });

  test("never fails without a choice, and says why it took this one", async () => {
    const { name, reason } = await useBackend();
    expect(tf.getBackend()).toBe(name);
    expect(reason).toMatch(/^the fastest that loads/);
  });

  test.each([
    ["tensorflow", "npm install @tensorflow/tfjs-node-gpu"],
    ["torch", "npx awp-backend-torch build"],
  ] as const)("says what to do where %s cannot be had, and leaves the current backend", async (name, advice) => {
    await useBackend("cpu");
    const attempt = useBackend(name);
    const outcome = await attempt.then(
      (chosen) => chosen,
      (error: unknown) => (error as Error).message,
    );
    if (typeof outcome !== "string") {
      // A machine that has the library.
      expect(outcome).toMatchObject({ name, reason: "asked for" });
      return;
    }
    expect(outcome).toContain(advice);
    expect(tf.getBackend()).toBe("cpu");
  });

  test("refuses an unknown choice with the list", async () => {
    await expect(useBackend("webgl" as BackendName)).rejects.toThrow(
      'backend: got "webgl", want one of torch, tensorflow, wasm, cpu',
    );
  });
});
