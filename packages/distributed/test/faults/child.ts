import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { joinProcessGroup } from "@awp/backend-torch";
import { drain, type ProcessGroup, useBackend } from "@awp/core";
import { type RunStore, train, type TrainOptions } from "@awp/train";
import { runDirectory } from "@awp/train/node";
import { agreeing, dataParallel } from "../../src/index";
import { options } from "../training";

/*
 * A rank of a training that resumes, in the folder and over the epochs that it is given. In FAULT it is told what goes wrong: "KIND AT",
 * in its step, collective or checkpoint of that number. It prints what it comes to, a word a line, before it does it.
 */

const [folder = ".", epochs = "8"] = process.argv.slice(2);
const [kind = "none", at = "0"] = (process.env["FAULT"] ?? "").split(" ");
const number = (name: string): number => Number(process.env[name]);
const say = (word: string): void => void writeSync(1, `${word}\n`);
const die = (): void => void process.kill(process.pid, "SIGKILL");

/** Calls `fault` at the call of that number. */
function counted(wanted: string, fault: () => void): () => void {
  let calls = 0;
  return () => {
    if (kind === wanted && ++calls === Number(at)) fault();
  };
}

function withFaults(given: TrainOptions): TrainOptions {
  const { defense } = given;
  const atStep = counted("step", die);
  const whenSlow = counted("slow", () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15_000));
  return {
    ...given,
    defense: {
      ...defense,
      loss(...call) {
        say("step");
        atStep();
        whenSlow();
        return defense.loss(...call);
      },
    },
    evaluate: async () => {
      await sleep(20);
      return {};
    },
  };
}

function faultyGroup(group: ProcessGroup): ProcessGroup {
  const inCollective = counted("collective", () => {
    // While this rank waits in it: another one comes late.
    setTimeout(die, 0);
  });
  return {
    ...group,
    allReduce: (tensors, what) => group.allReduce(tensors, what),
    allGather(value, what) {
      say("collective");
      const gathered = group.allGather(value, what);
      inCollective();
      return gathered;
    },
  };
}

function faultyStore(store: RunStore): RunStore {
  const atCheckpoint = counted("checkpoint", () => setTimeout(die, 1));
  const write: RunStore["write"] = (...call) => {
    say("checkpoint");
    atCheckpoint();
    return store.write(...call);
  };
  return { ...store, write };
}

async function live(): Promise<void> {
  await useBackend("torch");
  const group = await joinProcessGroup({
    ...{ address: process.env["MASTER_ADDR"] ?? "", port: number("MASTER_PORT") },
    ...{ rank: number("RANK"), size: number("WORLD_SIZE"), timeout: number("PATIENCE") },
  });
  say("ready");
  const store = faultyStore(runDirectory(folder));
  const given = withFaults({ ...options(group, { epochs: Number(epochs) }), store, checkpointEvery: 1, resume: true });
  await drain(train(await dataParallel(given, agreeing(faultyGroup(group)))));
  await group.leave();
  say(`weights ${[...given.network.parameters.values()].map((weight) => [...weight.dataSync()].join()).join()}`);
}

await live().catch((error: Error) => {
  writeSync(2, `${error.message}\n`);
  process.exit(1);
});
