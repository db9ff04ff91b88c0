/** One rank of a training on several processes: a step of AT-AWP on its rows, once for each line on the standard input. */
import { joinProcessGroup } from "@awp/backend-torch";
import { type ProcessGroup, random, useBackend } from "@awp/core";
import { adversarialTraining } from "@awp/defenses";
import { agreeing, alone, dataParallel } from "@awp/distributed";
import { awp } from "@awp/perturb";
import { sgd, trainStep } from "@awp/train";
import { createInterface } from "node:readline";
import { attackOf, noiseBatch } from "../at-awp-step";
import { namedNetwork } from "../pytorch/network";

export interface StepTask {
  readonly rank: number;
  readonly size: number;
  readonly port: number;
  readonly network: string;
  /** The rows of all ranks together. */
  readonly batch: number;
}

const { network: name, batch: rows, ...place } = JSON.parse(process.argv[2] ?? "{}") as StepTask;
await useBackend("torch");
const joined = place.size === 1 ? undefined : await joinProcessGroup({ address: "127.0.0.1", ...place });
let inCollectives = 0;
const network = namedNetwork(name, random(0));
const options = {
  network,
  defense: adversarialTraining({ attack: attackOf(10) }),
  weightAttack: awp({ gamma: 0.01 }),
  optimizer: sgd({ momentum: 0.9, weightDecay: 5e-4 }),
};
const training = { ...options, schedule: () => 0.1, epochs: 1, stepsPerEpoch: 1, batches: () => [], random: random(0) };
const { across } = await dataParallel(training, joined === undefined ? alone : agreeing(timed(joined)));
const step = across === undefined ? trainStep(options) : across.step(trainStep)({ ...options, across });
const batch = noiseBatch(rows / place.size, 32, place.rank + 1);

run();
print({ ready: true, device: "cpu" });
for await (const _line of createInterface({ input: process.stdin })) {
  inCollectives = 0;
  const started = performance.now();
  run();
  print({ seconds: (performance.now() - started) / 1000, inCollectives });
}
print({ peakMemory: process.resourceUsage().maxRSS / 1024 });
await joined?.leave();

function run(): void {
  const { loss } = step(batch, random(1), { learningRate: 0.1 });
  loss.dataSync(); // a step is over when its loss is there
  loss.dispose();
}

/** The group, with a clock on what a step waits for: the other ranks, and the bytes. */
function timed(group: ProcessGroup): ProcessGroup {
  const clocked = (collective: ProcessGroup["allReduce"]): ProcessGroup["allReduce"] => {
    return (tensors, what) => {
      const started = performance.now();
      const results = collective(tensors, what);
      inCollectives += (performance.now() - started) / 1000;
      return results;
    };
  };
  return {
    ...group,
    allReduce: clocked((tensors, what) => group.allReduce(tensors, what)),
    broadcast: clocked((tensors, what) => group.broadcast(tensors, what)),
  };
}

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
