import { AwpError } from "@awp/core";
import { describe, expect, test } from "vitest";
import { type Environment, readWorld } from "../../src/launch/environment";

/** What `torchrun --nnodes 2 --nproc-per-node 4` gives to the second process of the second machine. */
const torchrun: Environment = {
  LOCAL_RANK: "1",
  RANK: "5",
  GROUP_RANK: "1",
  ROLE_RANK: "5",
  ROLE_NAME: "default",
  LOCAL_WORLD_SIZE: "4",
  WORLD_SIZE: "8",
  GROUP_WORLD_SIZE: "2",
  ROLE_WORLD_SIZE: "8",
  MASTER_ADDR: "node001",
  MASTER_PORT: "29500",
  TORCHELASTIC_RESTART_COUNT: "0",
  TORCHELASTIC_MAX_RESTARTS: "3",
  TORCHELASTIC_RUN_ID: "none",
  TORCHELASTIC_USE_AGENT_STORE: "True",
  OMP_NUM_THREADS: "1",
};

/** What sbatch gives to its script: also the variables of a first task, which it is not. */
const batch: Environment = {
  SLURM_JOB_ID: "200505",
  SLURM_JOBID: "200505",
  SLURM_JOB_NODELIST: "gnode[10,20,25,37]",
  SLURM_NODELIST: "gnode[10,20,25,37]",
  SLURM_JOB_NUM_NODES: "4",
  SLURM_NNODES: "4",
  SLURM_NTASKS: "8",
  SLURM_NPROCS: "8",
  SLURM_TASKS_PER_NODE: "2(x4)",
  SLURM_PROCID: "0",
  SLURM_LOCALID: "0",
  SLURM_NODEID: "0",
  SLURM_GTIDS: "0",
  SLURM_TASK_PID: "16360",
};

/** What srun gives to the second task of the third node within that job. */
const step: Environment = {
  ...batch,
  SLURM_STEP_ID: "2",
  SLURM_STEPID: "2",
  SLURM_STEP_NODELIST: "gnode[10,20,25,37]",
  SLURM_STEP_NUM_NODES: "4",
  SLURM_STEP_NUM_TASKS: "8",
  SLURM_STEP_TASKS_PER_NODE: "2(x4)",
  SLURM_PROCID: "5",
  SLURM_LOCALID: "1",
  SLURM_NODEID: "2",
  SLURM_GTIDS: "4,5",
};

const ofStep = {
  rank: 5,
  size: 8,
  localRank: 1,
  address: "gnode10",
  store: "own",
  prefix: "",
  job: "200505.2",
  launcher: "slurm",
};
const ofTorchrun = {
  rank: 5,
  size: 8,
  localRank: 1,
  address: "node001",
  port: 29500,
  job: "none",
  launcher: "torchrun",
};

describe("the world", () => {
  test.each<readonly [string, Environment]>([
    ["no launcher", { PATH: "/bin", MASTER_ADDR: "node001", MASTER_PORT: "29500" }],
    ["a batch script of Slurm", batch],
    ["the shell of salloc", { SLURM_JOB_ID: "7", SLURM_NNODES: "2", SLURM_NTASKS: "4", SLURM_TASKS_PER_NODE: "2(x2)" }],
    ["torchrun with one process", { ...torchrun, RANK: "0", WORLD_SIZE: "1", LOCAL_RANK: "0" }],
    ["a step with one task", { ...step, SLURM_STEP_NUM_TASKS: "1", SLURM_PROCID: "0", SLURM_LOCALID: "0" }],
    ["empty variables", { RANK: "", WORLD_SIZE: "", SLURM_STEP_NUM_TASKS: "" }],
  ])("of %s is one process", (_, environment) => {
    expect(readWorld(environment)).toBeUndefined();
  });

  test.each<readonly [string, Environment, object]>([
    ["torchrun, whose agent has the store", torchrun, { ...ofTorchrun, store: "agent", prefix: "/worker/attempt_0" }],
    [
      "torchrun after a restart",
      { ...torchrun, TORCHELASTIC_RESTART_COUNT: "2" },
      { ...ofTorchrun, store: "agent", prefix: "/worker/attempt_2" },
    ],
    [
      "torchrun's variables without an agent",
      { ...torchrun, TORCHELASTIC_USE_AGENT_STORE: "False" },
      { ...ofTorchrun, store: "own", prefix: "" },
    ],
    ["torchrun under srun", { ...step, ...torchrun }, { ...ofTorchrun, store: "agent", prefix: "/worker/attempt_0" }],
    // 12000 + (7 · 200505 + 2) mod 20000
    ["srun", step, { ...ofStep, port: 15_537 }],
    [
      "srun with a port",
      { ...step, MASTER_PORT: "4000", MASTER_ADDR: "10.0.0.1" },
      { ...ofStep, port: 4000, address: "10.0.0.1" },
    ],
    ["the job's next step", { ...step, SLURM_STEP_ID: "3" }, { ...ofStep, port: 15_538, job: "200505.3" }],
  ])("of %s", (_, environment, world) => {
    expect(readWorld(environment)).toEqual(world);
  });

  test.each<readonly [string, string]>([
    ["node001", "node001"],
    ["node[001-003,7],gpu1", "node001"],
    ["gnode[10,20,25,37]", "gnode10"],
    ["rack[1-2]node[04-08]", "rack1node04"],
    ["c[3]-ib,c7-ib", "c3-ib"],
    ["a-b.cluster.example,c", "a-b.cluster.example"],
  ])("of the nodes %s meets at %s", (list, host) => {
    expect(readWorld({ ...step, SLURM_STEP_NODELIST: list })).toMatchObject({ address: host });
  });

  test.each<readonly [string, Environment]>([
    ["WORLD_SIZE is not set, and RANK is", { RANK: "0" }],
    ["RANK is not set, and WORLD_SIZE is", { WORLD_SIZE: "2" }],
    ["LOCAL_RANK is not set", { ...torchrun, LOCAL_RANK: undefined }],
    ["MASTER_ADDR is not set", { ...torchrun, MASTER_ADDR: "" }],
    ['RANK: got "8", want an integer from 0 to 7', { ...torchrun, RANK: "8" }],
    ['RANK: got "-1"', { ...torchrun, RANK: "-1" }],
    ['WORLD_SIZE: got "two", want an integer of at least 1', { ...torchrun, WORLD_SIZE: "two" }],
    ['RANK: got "5", want an integer from 0 to 0', { ...torchrun, WORLD_SIZE: "1" }],
    ['MASTER_PORT: got "70000", want an integer from 1 to 65535', { ...torchrun, MASTER_PORT: "70000" }],
    ["TORCHELASTIC_RESTART_COUNT is not set", { ...torchrun, TORCHELASTIC_RESTART_COUNT: undefined }],
    ['SLURM_PROCID: got "9", want an integer from 0 to 7', { ...step, SLURM_PROCID: "9" }],
    ["SLURM_LOCALID is not set, and SLURM_STEP_NUM_TASKS is: srun sets it", { ...step, SLURM_LOCALID: undefined }],
    ["SLURM_STEP_NODELIST is not set", { ...step, SLURM_STEP_NODELIST: undefined }],
    ['SLURM_STEP_NODELIST: got "[]"', { ...step, SLURM_STEP_NODELIST: "[]" }],
    ['SLURM_STEP_NODELIST: got "node[1-2"', { ...step, SLURM_STEP_NODELIST: "node[1-2" }],
    ["SLURM_JOB_ID is not set", { ...step, SLURM_JOB_ID: undefined }],
  ])("is refused: %s", (message, environment) => {
    expect(() => readWorld(environment)).toThrow(AwpError);
    expect(() => readWorld(environment)).toThrow(message);
  });
});
