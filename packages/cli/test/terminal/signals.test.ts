import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { interruptible } from "../../src/terminal/signals";

const source = fileURLToPath(new URL("../../src/terminal/signals.ts", import.meta.url));

/** Work that hears the first signal and goes on all the same. */
const program = `
import { interruptible } from ${JSON.stringify(source)};
const deaf = (signal) => new Promise((resolve) => {
  signal.addEventListener("abort", () => process.stdout.write(signal.reason.message));
  setTimeout(resolve, 50_000);
  process.stdout.write("begun");
});
await interruptible(deaf);`;

test.each(["SIGINT", "SIGTERM"] as const)("a second %s ends at once what goes on after the first", async (name) => {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", program]);
  const next = async (): Promise<string> => String((await once(child.stdout, "data"))[0]);
  const exit = once(child, "exit");
  expect(await next()).toBe("begun");
  child.kill(name);
  expect(await next()).toBe(`interrupted by ${name}`);
  child.kill(name);
  expect(await exit).toEqual([null, name]);
});

test("nobody listens for signals once the work is done, or has failed", async () => {
  const count = (): number => process.listenerCount("SIGINT") + process.listenerCount("SIGTERM");
  const before = count();
  expect(await interruptible(() => Promise.resolve(count()))).toBe(before + 2);
  await expect(interruptible(() => Promise.reject(new Error("work failed")))).rejects.toThrow("work failed");
  expect(count()).toBe(before);
});
