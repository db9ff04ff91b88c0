import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { main } from "../src/main";
import type { Terminal } from "../src/terminal/terminal";

/** A terminal that is none: what is written is kept. */
function written(): { terminal: Terminal; text: () => string } {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()] as unknown as NodeJS.WriteStream[];
  const text = (): string => String((stderr as unknown as PassThrough).read() ?? "");
  return { terminal: { stdout: stdout!, stderr: stderr! }, text };
}

describe("the command awp", () => {
  test("ends with 2 where an option is unknown", async () => {
    expect(await main(["--nonsense"], written().terminal)).toBe(2);
  });

  test("ends with 0 after its help", async () => {
    expect(await main(["--help"], written().terminal)).toBe(0);
  });
});
