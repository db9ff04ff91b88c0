/** One rank of our all-reduce: the gradients of a network, once for each line on the standard input. */
import { joinProcessGroup } from "@awp/backend-torch";
import * as tf from "@tensorflow/tfjs-core";
import { createInterface } from "node:readline";

export interface RankTask {
  readonly rank: number;
  readonly size: number;
  readonly port: number;
  readonly shapes: readonly (readonly number[])[];
}

const { shapes, ...place } = JSON.parse(process.argv[2] ?? "{}") as RankTask;
await tf.setBackend("torch");
const group = await joinProcessGroup({ address: "127.0.0.1", ...place });
const gradients = shapes.map((shape) => tf.fill([...shape], place.rank));
const run = (): void => tf.dispose(group.allReduce(gradients, "gradients"));
run();
print({ ready: true, device: "cpu" });
for await (const _line of createInterface({ input: process.stdin })) {
  const [started, cpuStarted] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(cpuStarted);
  print({ seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 });
}
print({ peakMemory: process.resourceUsage().maxRSS / 1024 });
await group.leave();

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
