import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { program } from "../../src/program";
import { temporaryFolder } from "../temporary-folder";

const folder = fileURLToPath(new URL("../../../../docs/cluster", import.meta.url));

const commands = program({
  terminal: process,
  exitWith: () => {},
  join: () => Promise.reject(new Error("nobody to wait for")),
}).commands;

describe.each(readdirSync(folder))("the job of %s", (name) => {
  test("starts a command of awp with options that there are", async () => {
    const bin = join(await temporaryFolder(), "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "srun"), '#!/bin/sh\nprintf "%s\\n" "$@"\n');
    chmodSync(join(bin, "srun"), 0o755);
    const slurm = {
      SLURM_CPUS_PER_TASK: "8",
      SLURM_JOB_NAME: "first",
      SLURM_ARRAY_TASK_ID: "3",
      SLURM_ARRAY_TASK_COUNT: "8",
    };
    const env = { ...process.env, ...slurm, PATH: `${bin}:${process.env["PATH"]}` };
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
