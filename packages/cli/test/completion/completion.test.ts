import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test, type TestContext } from "vitest";
import { awpFile } from "../child";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

const complete = async (...words: readonly string[]): Promise<readonly string[]> => {
  const { code, stdout } = await awp("complete", "--", ...words);
  expect(code).toBe(0);
  return stdout.split("\n").filter((line) => line !== "");
};

describe("awp complete", () => {
  test("knows the commands, but not itself", async () => {
    const commands = await complete("");
    expect(commands).toEqual(
      expect.arrayContaining(["train", "watch", "report", "evaluate", "backends", "completion", "help"]),
    );
    expect(commands).not.toContain("complete");
    expect(await complete("ev")).toEqual(["evaluate"]);
    expect(await complete("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  test("knows a command's options, but none that is hidden", async () => {
    expect(await complete("evaluate", "--b")).toEqual(["--bgr", "--batch-size", "--backend"]);
    expect(await complete("evaluate", "model.json", "--quiet", "--mod")).toEqual([]);
    expect(await complete("backends", "-")).toEqual(["--json", "--help"]);
  });

  test("knows the names that an option takes, also behind a comma", async () => {
    expect(await complete("evaluate", "--backend", "")).toEqual(["torch", "tensorflow", "wasm", "cpu"]);
    expect(await complete("evaluate", "--network", "pre")).toContain("preactresnet-18");
    expect(await complete("evaluate", "--attack", "fgsm,pgd-1")).toEqual(["fgsm,pgd-100"]);
    expect(await complete("evaluate", "--from", "robustbench:Wong")).toEqual(["robustbench:Wong2020Fast"]);
  });

  test("has nothing to say where a file may stand, or any text", async () => {
    expect(await complete("evaluate", "")).toEqual([]);
    expect(await complete("evaluate", "--data", "")).toEqual([]);
    expect(await complete("evaluate", "--seed", "")).toEqual([]);
  });
});

/** Runs a program of a shell with `awp` on its path, in a folder with a file `model.json`; skips where there is no such shell. */
async function inShell(shell: "bash" | "fish", program: string, context: TestContext): Promise<readonly string[]> {
  if (spawnSync(shell, ["--version"]).status !== 0) context.skip(`no ${shell} on this machine`);
  const folder = await temporaryFolder();
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "bin/awp"), `#!/bin/sh\nexec "${process.execPath}" "${awpFile}" "$@"\n`, {
    mode: 0o755,
  });
  await writeFile(join(folder, "model.json"), "");
  const env = { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: folder };
  const { stdout, stderr } = spawnSync(shell, ["-c", program], { cwd: folder, env, encoding: "utf8" });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
}

describe("awp completion", () => {
  test("prints what bash completes lines by", { timeout: 60_000 }, async (context) => {
    const program = `set -u
      source <(awp completion bash)
      COMP_WORDS=(awp evaluate --attack fgsm,pg); COMP_CWORD=3; _awp; printf '%s\\n' "\${COMPREPLY[@]}"
      complete -p awp`;
    expect(await inShell("bash", program, context)).toEqual([
      ...["fgsm,pgd-20", "fgsm,pgd-100", "complete -o default -F _awp awp"],
    ]);
  });

  test("prints what fish completes lines by", { timeout: 60_000 }, async (context) => {
    const program = "awp completion fish | source; complete -C 'awp evaluate --net'; complete -C 'awp evaluate mod'";
    expect(await inShell("fish", program, context)).toEqual(["--network", "model.json"]);
  });

  test("refuses a shell that it does not know", async () => {
    const { code, stderr } = await awp("completion", "csh");
    expect(code).toBe(2);
    expect(stderr).toContain("bash, zsh, fish");
  });
});
