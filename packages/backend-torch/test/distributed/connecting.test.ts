import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { freePort, pythonWithTorch, skipWithoutTorch } from "@awp/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { joinProcessGroup } from "../../src";
import { obstacle } from "../torch";

const reason = obstacle();
beforeEach((context) => {
  context.skip(reason !== undefined, reason ?? "");
  skipWithoutTorch(context);
});

/** Joins as rank 0 with a rank 1 that comes, lives so many seconds more and connects to nobody; what it fails with. */
async function failure(alive: number, joinTimeout: number): Promise<{ message: string; seconds: number }> {
  const port = await freePort();
  const program = fileURLToPath(new URL("fake-rank.py", import.meta.url));
  const other = spawn(pythonWithTorch() as string, [program, `${port}`, `${alive}`], { stdio: "inherit" });
  const start = performance.now();
  try {
    await joinProcessGroup({ address: "127.0.0.1", port, rank: 0, size: 2, timeout: 600_000, joinTimeout });
    throw new Error("it has joined");
  } catch (error) {
    return { message: (error as Error).message, seconds: (performance.now() - start) / 1000 };
  } finally {
    other.kill("SIGKILL");
  }
}

describe("ranks that have met", () => {
  test("one that is gone before all are connected is named long before the timeouts", { timeout: 90_000 }, async () => {
    const { message, seconds } = await failure(1, 300_000);
    expect(message).toMatch(
      /^rank 0 cannot connect to the other ranks by way of 127\.0\.0\.1: rank 1 is gone \(last heard of \d+ s ago\)$/,
    );
    expect(seconds).toBeLessThan(60);
  });

  test("those that do not reach one another give up as they do in joining", { timeout: 90_000 }, async () => {
    const { message, seconds } = await failure(60, 8000);
    expect(message).toMatch(
      /: every rank is alive, and some do not reach one another \(rank 0: it has waited for \d+\.\d s\): all TCP ports between/,
    );
    expect(seconds).toBeLessThan(60);
  });
});
