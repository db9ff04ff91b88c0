import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { program } from "../../src/program";
import { temporaryFolder } from "../temporary-folder";

const folder = fileURLToPath(new URL("../../../../docs/cluster", import.meta.url));

const commands = program({
  terminal: process,
  exitWith: () => {},
  launch: () => Promise.reject(new Error("nothing to launch")),
  join: () => Promise.reject(new Error("nobody to wait for")),
}).commands;

/** The variables of a job, and programs that stand in for Slurm's. */
async function slurm(programs: Readonly<Record<string, string>>): Promise<NodeJS.ProcessEnv> {
  const bin = join(await temporaryFolder(), "bin");
  mkdirSync(bin);
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(bin, name), text, { mode: 0o755 });
  const variables = {
    SLURM_CPUS_PER_TASK: "8",
    SLURM_JOB_ID: "42",
    SLURM_JOB_NAME: "first",
    SLURM_ARRAY_TASK_ID: "3",
    SLURM_ARRAY_TASK_COUNT: "8",
  };
  return { ...process.env, ...variables, PATH: `${bin}:${process.env["PATH"]}` };
}

describe.each(readdirSync(folder))("the job of %s", (name) => {
  test("starts a command of awp with options that there are", async () => {
    const env = await slurm({ srun: '#!/bin/sh\nprintf "%s\\n" "$@"\n' });
    const { status, stdout, stderr } = spawnSync("bash", ["-eu", join(folder, name)], { env, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
    const words = stdout.trim().split("\n");
    const [, called = "", ...args] = words.slice(words.indexOf("node_modules/.bin/awp"));
    const command = commands.find((each) => each.name() === called || each.aliases().includes(called));
    const known = command?.options.map(({ long }) => long) ?? [];
    expect(known).toEqual(expect.arrayContaining(args.filter((arg) => arg.startsWith("--"))));
    expect(args).toContain("--requeue");
    if (called === "compare") expect(args).toContain("3/8");
  });
});

test("a batch shell that is warned waits for its ranks, and has the job started again", async () => {
  const notes = join(await temporaryFolder(), "notes");
  const ranks = `${notes}.ranks`;
  const env = await slurm({
    // Ranks that are a while at what they keep.
    srun: `#!/bin/bash\ntrap 'sleep 0.5; echo kept >> ${notes}; exit 3' USR1\necho $$ > ${ranks}\nwhile :; do sleep 0.05; done\n`,
    scancel: `#!/bin/sh\necho scancel "$@" >> ${notes}\nkill -USR1 $(cat ${ranks})\n`,
    scontrol: `#!/bin/sh\necho scontrol "$@" >> ${notes}\n`,
  });
  const shell = spawn("bash", [join(folder, "batch-shell.sbatch")], { env, stdio: "ignore" });
  const ended = once(shell, "close");
  await vi.waitUntil(() => existsSync(ranks) && readFileSync(ranks, "utf8").endsWith("\n"), { timeout: 10_000 });
  shell.kill("SIGUSR1");
  expect(await ended).toEqual([3, null]);
  expect(readFileSync(notes, "utf8")).toBe("scancel --signal=USR1 42\nkept\nscontrol requeue 42\n");
});
