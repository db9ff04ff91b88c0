import { spawnSync } from "node:child_process";

const hasTorch = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)";

let found: string | undefined | null = null;

/** A Python that has PyTorch: `$PYTHON`, `python3` or Debian's; undefined where none has. */
export function pythonWithTorch(): string | undefined {
  found ??= [process.env["PYTHON"] ?? "python3", "python3", "/usr/bin/python3"].find(
    (command) => spawnSync(command, ["-c", hasTorch]).status === 0,
  );
  return found;
}

/** Skips a test, and says why, where no Python has PyTorch. */
export function skipWithoutTorch(context: { skip(condition: boolean, reason: string): void }): void {
  context.skip(pythonWithTorch() === undefined, "needs a python3 with PyTorch, as Debian's python3-torch");
}

/** What a script that PyTorch's Python runs prints, given `input` to read; throws what it says where it fails. */
export function runPython(args: readonly string[], input = ""): string {
  const { status, stdout, stderr, error } = spawnSync(pythonWithTorch() as string, args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`python ${args.join(" ")}: ${stderr || String(error)}`);
  return stdout;
}
