import { createServer } from "node:net";
import { freePort } from "@awp/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { joinProcessGroup } from "../../src";
import { obstacle } from "../torch";
import { prepareProgram, runScenario } from "./program";

prepareProgram();
const reason = obstacle();
beforeEach((context) => context.skip(reason !== undefined, reason ?? ""));

interface Failure {
  readonly failed: boolean;
  readonly message: string;
  readonly collective: string;
  readonly missing: number[];
  readonly rank: number;
  readonly seconds: number;
}

describe("groups that fail", () => {
  test("each rank is told who is to blame, and joins again", { timeout: 90_000 }, async () => {
    const ends = await runScenario("failures", { size: 3 });
    for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
    const ranks = ends.map(({ stdout }) => JSON.parse(stdout) as Record<string, Failure>);
    const told = (name: string): string[] => ranks.map((found) => found[name]?.message ?? "");

    for (const message of told("shapes")) {
      expect(message).toMatch(/^rank \d: all-reduce 2 \(gradients\) failed after \d+\.\d s: the ranks do not agree: /);
      expect(message).toMatch(
        /tensor 1 is Float\[2, 3\] on rank [02] and Float\[2, 4\] on rank 1|tensor 1 is Float\[2, 4\] on rank 1 and Float\[2, 3\] on rank 2/,
      );
    }
    for (const message of told("kinds")) {
      expect(message).toMatch(/all-reduce 2 \(sums\) on rank [02]/);
      expect(message).toMatch(/broadcast 2 \(weights\) on rank 1/);
    }
    expect(ranks[1]?.["leaves"]?.failed).toBe(false);
    for (const rank of [0, 2]) {
      const { message, missing, collective } = ranks[rank]?.["leaves"] as Failure;
      expect(message).toMatch(/failed after \d\.\d s: rank 1 failed: the loss is NaN$/);
      expect({ missing, collective }).toEqual({ missing: [1], collective: "all-reduce 2 (gradients)" });
    }
    for (const [rank, message] of told("late").entries()) {
      expect(message).toMatch(
        /barrier 2 \(metrics\) failed after \d\.\d s: rank 1 is alive but has not come to barrier 2 \(metrics\): its last was barrier 1 \(start\)$/,
      );
      expect(ranks[rank]?.["late"]).toMatchObject({ missing: [1], rank });
    }
  });

  test.each([
    ["another rank than 0", 1, /: rank 1 is gone \(last heard of \d+ s ago\)$/],
    ["rank 0, which keeps the store", 0, /: rank 0, which keeps the store at 127\.0\.0\.1:\d+, does not answer$/],
  ])("a rank that is killed, %s, is named by all others long before the timeout", async (_, victim, expected) => {
    const ends = await runScenario("killed", { size: 3, env: { VICTIM: String(victim) } });
    for (const [rank, { code, signal, stdout, stderr }] of ends.entries()) {
      if (rank === victim) {
        expect(signal).toBe("SIGKILL");
        continue;
      }
      expect(code, stderr).toBe(0);
      const { sum, later } = JSON.parse(stdout) as { sum: Failure; later: Failure };
      expect(sum.message).toMatch(expected);
      expect(sum).toMatchObject({ collective: "all-reduce 2 (gradients)", missing: [victim], rank });
      expect(sum.seconds).toBeLessThan(15);
      // The group stays closed, for the same reason.
      expect(later.message).toMatch(expected);
      expect(later.seconds).toBeLessThan(1);
    }
  });

  test("a process that exits while it waits for others ends at once", async () => {
    const ends = await runScenario("exits", { size: 2 });
    const [first, second] = ends;
    expect({ code: first?.code, stderr: first?.stderr }).toEqual({ code: 4, stderr: "" });
    expect((second?.seconds ?? 0) - (first?.seconds ?? 0)).toBeGreaterThan(1);
  });
});

describe("joining", () => {
  const join = (options: object): Promise<unknown> =>
    joinProcessGroup({ address: "127.0.0.1", port: 1, rank: 0, size: 2, joinTimeout: 400, ...options });

  test.each([
    [{ address: "" }, 'joinProcessGroup: address: got "", want the name of a machine'],
    [{ port: 0 }, "joinProcessGroup: port: got 0, want an integer from 1 to 65535"],
    [{ size: 0 }, "joinProcessGroup: size: got 0, want an integer from 1 to 256"],
    [{ rank: 2 }, "joinProcessGroup: rank: got 2, want an integer from 0 to 1"],
    [{ timeout: 0.5 }, "joinProcessGroup: timeout: got 0.5, want a whole number of milliseconds above 0"],
    [{ store: "mine" }, 'joinProcessGroup: store: got "mine", want "own" or "agent"'],
  ])("options %j are refused", async (options, message) => {
    await expect(join(options)).rejects.toThrow(message);
  });

  test("a port that another program listens on is an error that says so", async () => {
    const server = createServer().listen(0);
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    await expect(join({ port })).rejects.toThrow(`port ${port} of 127.0.0.1 is in use: another job may run there`);
    server.close();
  });

  test("ranks that do not come are named", async () => {
    const port = await freePort();
    await expect(join({ port, size: 4 })).rejects.toThrow(
      `rank 0 cannot join the group at 127.0.0.1:${port}: of 4 ranks these have not come within 0.4 s: 1, 2, 3`,
    );
  });

  test("a store that nobody keeps is an error of the other ranks", async () => {
    const port = await freePort();
    await expect(join({ port, rank: 1 })).rejects.toThrow(
      `no store answers at 127.0.0.1:${port}: is rank 0 running, and does this machine reach it?`,
    );
  });

  test("processes that do not belong together do not become a group", async () => {
    const ports = [await freePort(), await freePort(), await freePort()];
    const ends = await runScenario("strangers", { size: 3, env: { PORTS: JSON.stringify(ports) } });
    for (const { code, stderr } of ends) expect(code, stderr).toBe(0);
    const [first, second, third] = ends.map(({ stdout }) => JSON.parse(stdout) as (Failure | null)[]);
    const sizes = "rank 1 was started as one of 3, rank 0 as one of 2";
    expect([first?.[0]?.message, second?.[0]?.message]).toEqual([
      `rank 0 cannot join the group at 127.0.0.1:${ports[0]}: ${sizes}`,
      `rank 1 cannot join the group at 127.0.0.1:${ports[0]}: ${sizes}`,
    ]);
    expect(second?.[1]?.message).toContain("the group there is another job's (17, this is 18)");
    expect(first?.[1]?.message).toContain("of 2 ranks these have not come within 3 s: 1");
    for (const found of [first, second, third]) {
      expect(found?.[2]?.message).toContain("two processes say that they are rank 1");
    }
  });

  test("a worker thread that has joined may end, and another one joins", async () => {
    const [end] = await runScenario("workers", { size: 1 });
    expect(end).toMatchObject({ code: 0, stdout: "[5,5]", stderr: "" });
  });

  test("a process goes on after a worker thread that ended while it waited for others", async () => {
    const [first, second] = await runScenario("abandoned", { size: 2 });
    expect(first).toMatchObject({ code: 0, stdout: "5", stderr: "" });
    expect(second).toMatchObject({ code: 0, stderr: "" });
  });
});
