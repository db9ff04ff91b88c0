import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { requeueAfter } from "../../src/terminal/requeue";
import { temporaryFolder } from "../temporary-folder";

let asked = "";
beforeEach(async () => {
  const folder = await temporaryFolder();
  asked = join(folder, "asked");
  await writeFile(join(folder, "scontrol"), `#!/bin/sh\necho "$@" >> ${asked}\n`, { mode: 0o755 });
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
});
afterEach(() => void vi.unstubAllEnvs());

/** What is told after work that ended so, in a job with such variables. */
async function after(by: string, job: Readonly<Record<string, string>>, rank = 0): Promise<readonly string[]> {
  const variables = { SLURM_JOB_ID: undefined, SLURM_ARRAY_JOB_ID: undefined, SLURM_ARRAY_TASK_ID: undefined, ...job };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const notes: string[] = [];
  await requeueAfter(by, { rank }, { note: (line) => void notes.push(line) });
  return notes;
}

test("a job is queued again after Slurm's warning, whichever rank heard it", async () => {
  const job = { SLURM_JOB_ID: "42" };
  expect(await after("SIGUSR1", job)).toEqual(["--requeue: job 42 is queued again"]);
  expect(await after("rank 3: SIGUSR1", job)).toHaveLength(1);
  expect(await after("SIGUSR1", job, 1)).toEqual([]);
  expect(await after("SIGTERM", job)).toEqual([]);
  expect(await readFile(asked, "utf8")).toBe("requeue 42\nrequeue 42\n");
});

test("of an array the one task alone is queued again", async () => {
  const last = { SLURM_JOB_ID: "42", SLURM_ARRAY_JOB_ID: "42", SLURM_ARRAY_TASK_ID: "7" };
  expect(await after("SIGUSR1", last)).toEqual(["--requeue: job 42_7 is queued again"]);
  expect(await readFile(asked, "utf8")).toBe("requeue 42_7\n");
});

test("without a job, or where Slurm refuses, a line says so", async () => {
  expect(await after("SIGUSR1", {})).toEqual(["--requeue: not in a job of Slurm, so nothing starts it again"]);
  await writeFile(join(asked, "..", "scontrol"), "#!/bin/sh\necho not allowed >&2\nexit 1\n");
  const [line] = await after("SIGUSR1", { SLURM_JOB_ID: "42" });
  expect(line).toBe("--requeue: Slurm does not queue job 42 again: not allowed");
});
