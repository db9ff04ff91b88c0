/* A training for the kill test to kill, or to pause with SIGTERM: `kill-child.ts DIRECTORY BACKEND EPOCHS`. */
import { crossEntropy, drain, mean, type Network, useBackend } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { ema, schedules, train } from "../../src/index";
import { runDirectory } from "../../src/node";
import { seededNetwork, toyBatch, toyBatches } from "../toy-network";
import { toyTraining } from "../toy-training";

const [directory, backend, epochs] = process.argv.slice(2) as [string, "cpu" | "wasm", string];
const size = { side: 16, classes: 10 };

/** A slow disk, so that writing takes about as long as training. */
async function slowDisk(milliseconds: number): Promise<void> {
  const file = await open(fileURLToPath(import.meta.url));
  const handle = Object.getPrototypeOf(file) as typeof file;
  await file.close();
  const sync = Object.getOwnPropertyDescriptor(handle, "sync")?.value as () => Promise<void>;
  handle.sync = async function (this: typeof file) {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return sync.call(this);
  };
}

async function evaluate(network: Network): Promise<{ robust: number }> {
  const batch = toyBatch({ ...size, seed: 1 });
  const loss = tf.tidy(() => mean(crossEntropy(network.forward(batch.images, "eval"), batch.labels)));
  const [value] = await loss.data();
  tf.dispose([loss, batch.images, batch.labels]);
  return { robust: -(value as number) };
}

await useBackend(backend);
await slowDisk(5);
const pause = new AbortController();
process.once("SIGTERM", () => pause.abort());
const training = toyTraining({
  epochs: Number(epochs),
  stepsPerEpoch: 4,
  schedule: schedules.piecewise({ learningRate: 0.01, epochs: Number(epochs) }),
  batches: (epoch) => toyBatches({ ...size, count: 4, size: 4, seed: epoch }),
  evaluate,
  selection: { metric: "robust", on: "validation" },
  average: ema({ decay: 0.9, start: 0.5, statistics: "average" }),
  store: runDirectory(directory),
  checkpointEvery: 1,
  resume: true,
  reportEvery: 1,
  pause: pause.signal,
});
process.stdout.write("ready\n");
const events = train({ ...training, network: seededNetwork(size) });
const { paused } = await drain(events, ({ kind }) => process.stdout.write(`${kind}\n`));
process.exitCode = paused ? 143 : 0;
