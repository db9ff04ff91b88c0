import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { useBackend } from "@awp/core";
import { freePort, pythonWithTorch, skipLong, skipWithoutEngine, skipWithoutTorch } from "@awp/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { awpFile, startAwp } from "../child";
import { randomWeights, writeLayersModel } from "../evaluate/linear-model";
import { randomPictures, writePictures } from "../evaluate/pictures";
import { writeRun } from "../landscape/run";
import { temporaryFolder } from "../temporary-folder";
import { awp } from "../written";

let folder = "";
beforeEach(async (context) => {
  await skipWithoutEngine(useBackend("torch"), context);
  folder = await temporaryFolder();
});

/** A document without what the clock has to say. */
function untimed(document: string): unknown {
  return JSON.parse(document, (key, value: unknown) => (/^seconds/.test(key) ? undefined : value));
}

const command = [process.execPath, awpFile];

/** Runs a launcher's command line to its end. */
async function launched(program: string, args: readonly string[]) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 200_000);
  const written = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("utf8").on("data", (text: string) => (written[stream] += text));
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(kill);
  return { code, ...written };
}

/** A program that starts so many tasks on this machine with the variables that Slurm's srun gives to those of a step. */
async function fakeSrun(tasks: number): Promise<string> {
  const path = join(folder, "srun");
  const text = `#!/bin/sh
for task in $(seq 0 ${tasks - 1}); do
  SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_STEP_NODELIST=localhost SLURM_STEP_NUM_TASKS=${tasks} \\
    MASTER_PORT=${await freePort()} SLURM_PROCID=$task SLURM_LOCALID=$task OMP_NUM_THREADS=1 "$@" &
done
wait
`;
  await writeFile(path, text, { mode: 0o755 });
  return path;
}

describe("over ranks", { timeout: 240_000 }, () => {
  test("awp evaluate has the report of one process, started by torchrun or srun", async (context) => {
    skipWithoutTorch(context);
    const weights = randomWeights(12, 4);
    const data = await writePictures(join(folder, "pictures"), randomPictures(2, 4, 2, weights));
    const model = await writeLayersModel(join(folder, "model"), { shape: [2, 2, 3], weights, softmax: false });
    const attacks = ["--attack", "autoattack,deepfool", "--norm", "l2", "--epsilon", "0.4", "--batch-size", "2"];
    const args = ["evaluate", model, "--data", data, ...attacks, "--backend", "cpu", "--quiet", "--json"];
    const one = await awp(...args, "--state", join(folder, "one.state"));
    expect(one.code, one.stderr).toBe(0);

    const two = await launched(pythonWithTorch() as string, [
      ...["-m", "torch.distributed.run", "--no_python", "--nproc_per_node", "2"],
      // PyTorch 1.13 cannot take its own default, 0, for these under Python 3.11: standard output stays as it is.
      ...["--redirects", "2", "--tee", "2", "--log_dir", folder],
      ...[...command, ...args, "--state", join(folder, "two.state")],
    ]);
    expect(two.code, two.stderr).toBe(0);
    expect(untimed(two.stdout)).toEqual(untimed(one.stdout));

    // A state of two ranks is one of three, too.
    const state = ["--state", join(folder, "two.state"), "--resume"];
    const three = await launched(await fakeSrun(3), [...command, ...args, ...state]);
    expect([three.code, three.stderr]).toEqual([0, ""]);
    expect(untimed(three.stdout)).toEqual(untimed(one.stdout));
  });

  test("awp landscape keeps and prints what one process does", async () => {
    const training = await writeRun();
    const args = ["landscape", training, "--backend", "cpu", "--alphas", "-1:1:3", "--count", "7", "--batch-size", "2"];
    const one = await awp(...args, "--quiet", "--json", join(folder, "one.json"));
    expect(one.code, one.stderr).toBe(0);
    const two = await startAwp([...args, "--json", "two.json", "--processes", "2"], { cwd: folder }).ended;
    expect(two.code, two.stderr).toBe(0);
    expect(two.stdout).toBe(one.stdout);
    expect(two.stderr.match(/3 points in two\.json/g)).toHaveLength(1);
    const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
    expect(read("two.json")).toEqual(read("one.json"));
  });

  test("awp sharpness has the figures of one process", async (context) => {
    skipLong("another three starts of the command", context);
    const training = await writeRun();
    const args = ["sharpness", training, "--backend", "cpu", "--count", "6", "--batch-size", "2", "--steps", "1"];
    const few = ["--samples", "1", "--gamma", "0.01", "--eigenvalues", "0", "--trace", "1", "--json", "--quiet"];
    const one = await awp(...args, ...few);
    const two = await startAwp([...args, ...few, "--processes", "2"]).ended;
    expect([two.code, two.stderr]).toEqual([0, ""]);
    expect(untimed(two.stdout)).toEqual(untimed(one.stdout));
  });
});
