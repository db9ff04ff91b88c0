import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { startAwp } from "./child";
import { awp, awpOnTerminal } from "./written";

describe("the command awp", () => {
  test("ends with 2 where an option is unknown", async () => {
    expect((await awp("--nonsense")).code).toBe(2);
  });

  test("ends with 0 after its help, which tells the exit codes", async () => {
    const { code, stdout } = await awp("--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Exit codes: 0 done, 1 an error, 2 a command line");
  });
});

test("awp --version is the version of the package, in its own process too", async () => {
  const file = new URL("../package.json", import.meta.url);
  const { version } = JSON.parse(await readFile(file, "utf8")) as { version: string };
  expect(await awp("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  expect(await startAwp(["--version"]).ended).toMatchObject({ code: 0, stdout: `${version}\n` });
});

describe("an error of awp", () => {
  afterEach(() => void vi.unstubAllEnvs());

  test.each([
    ["red on a terminal", awpOnTerminal, {}, "\u001b[31merror\u001b[39m: "],
    ["plain where NO_COLOR is set", awpOnTerminal, { NO_COLOR: "1" }, "error: "],
    ["plain where no terminal is", awp, {}, "error: "],
  ])("is %s", async (_, run, env, beginning) => {
    for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]) vi.stubEnv(name, undefined);
    for (const [name, value] of Object.entries({ TERM: "xterm-256color", ...env })) vi.stubEnv(name, value);
    const { code, stderr } = await run("evaluate", "none.json", "--data", "nowhere");
    expect(code).toBe(1);
    expect(stderr).toBe(`${beginning}nowhere: no such file or folder\n`);
  });
});
