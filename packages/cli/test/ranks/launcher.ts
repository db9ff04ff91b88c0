import { appendFileSync } from "node:fs";
import type * as Launch from "../../src/ranks/launch";

/*
 * A program that launches itself as three ranks, which then behave as its first argument says and note the second, a
 * file, what they are.
 */

const [behaviour = "", file = ""] = process.argv.slice(2);
const { RANK: rank, ...variables } = process.env;

const fail = (message: string, code: number): void => {
  process.send?.({ error: message });
  process.exitCode = code;
};
const stay = (): void => void setInterval(() => {}, 1000);

const behaviours: Readonly<Record<string, () => void | Promise<void>>> = {
  look: () => void process.stdout.write(`rank ${rank}\n`),
  "all-fail": () => fail("no such file", 2),
  "one-is-killed": () => (rank === "2" ? void process.kill(process.pid, "SIGKILL") : stay()),
  "look-on": stay,
  wait() {
    process.on("SIGTERM", () => {
      appendFileSync(file, "SIGTERM\n");
      process.exit(3);
    });
    stay();
  },
  async attend() {
    const { worldOf } = await import("../../src/ranks/world");
    await worldOf(process.env);
    appendFileSync(file, "attends\n");
    stay();
  },
  deaf() {
    process.on("SIGINT", () => appendFileSync(file, "SIGINT\n"));
    stay();
  },
};

if (rank === undefined || variables["WORLD_SIZE"] === "1") {
  // Not loaded by the ranks, which are to be there at once.
  const { launch } = (await import("../../src/ranks/launch")) as typeof Launch;
  const { worldOf } = await import("../../src/ranks/world");
  process.exitCode = await launch(3, process, await worldOf(process.env), { failed: 500, interrupted: 500 });
} else {
  const { WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, OMP_NUM_THREADS } = variables;
  appendFileSync(
    file,
    `${JSON.stringify({ rank, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, OMP_NUM_THREADS, pid: process.pid })}\n`,
  );
  await behaviours[behaviour]?.();
}
