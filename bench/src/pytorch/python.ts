import { AwpError } from "@awp/core";
import { spawnSync } from "node:child_process";

export interface Python {
  readonly command: string;
  /** The version of PyTorch. */
  readonly version: string;
}

/** The first Python that has PyTorch: $PYTHON, python3, and Debian's, which alone sees Debian's package. */
export function pythonWithTorch(): Python {
  const named = process.env["PYTHON"];
  const candidates = named ? [named] : ["python3", "/usr/bin/python3"];
  const reasons: string[] = [];
  for (const command of candidates) {
    const { status, stdout, stderr } = spawnSync(command, ["-c", "import torch; print(torch.__version__)"], {
      encoding: "utf8",
    });
    if (status === 0) return { command, version: stdout.trim() };
    reasons.push(`${command}: ${stderr?.trim().split("\n").at(-1) ?? "does not run"}`);
  }
  throw new AwpError(
    `no Python with PyTorch (${reasons.join("; ")}): apt-get install python3-torch, or pip install torch, ` +
      "or name one in $PYTHON",
  );
}
