import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { breathe, interruptible } from "../../src/terminal/signals";

const source = fileURLToPath(new URL("../../src/terminal/signals.ts", import.meta.url));

/** Work that hears the first signal and goes on all the same. */
const program = `
import { interruptible } from ${JSON.stringify(source)};
const deaf = (signal) => new Promise((resolve) => {
  signal.addEventListener("abort", () => process.stdout.write(signal.reason));
  setTimeout(resolve, 50_000);
  process.stdout.write("begun");
});
await interruptible(deaf);`;

test("a second SIGINT ends at once what goes on after the first signal", async () => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
  const next = async (): Promise<string> => String((await once(child.stdout, "data"))[0]);
  const exit = once(child, "exit");
  expect(await next()).toBe("begun");
  child.kill("SIGTERM");
  expect(await next()).toBe("SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, 400)); // sooner it would be the same key press
  child.kill("SIGINT");
  expect(await exit).toEqual([130, null]);
});

test("work that a signal ends throws what ended it", async () => {
  const waiting = interruptible(async (signal) => {
    process.emit("SIGTERM", "SIGTERM");
    await breathe(signal);
  });
  await expect(waiting).rejects.toThrow("interrupted by SIGTERM");
});

test("nobody listens for signals once the work is done, or has failed", async () => {
  const count = (): number => process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");
  const before = count();
  expect(await interruptible(() => Promise.resolve(count()))).toBe(before + 2);
  await expect(interruptible(() => Promise.reject(new Error("work failed")))).rejects.toThrow("work failed");
  expect(count()).toBe(before);
});
