/** Our side: one figure in a process of its own, one repetition for each line on the standard input. */
import {
  type BackendName,
  crossEntropy,
  type Images,
  mean,
  parameterGradients,
  random,
  useBackend,
  valueAndGradient,
} from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { createInterface } from "node:readline";
import { atAwpStep, noiseBatch } from "../at-awp-step";
import type { Duration, Figure, FigureCase } from "./figure";
import { namedNetwork } from "./network";

export interface OurTask extends FigureCase {
  readonly backend: string;
}

/** Runs the figure once and answers with a tensor whose values are there when all is done. */
type Run = (repeat: number) => tf.Tensor;

function figureRun({ network: name, batch: size, what }: FigureCase): Run {
  const network = namedNetwork(name, random(0));
  const batch = noiseBatch(size, 32);
  const { images, labels } = batch;
  const losses = (x: Images) => crossEntropy(network.forward(x, "train"), labels);
  const runs: Readonly<Record<Exclude<Figure, "step">, Run>> = {
    forward: () => network.forward(images, "train"),
    "input-gradient": () => tf.tidy(() => valueAndGradient(losses, images).gradient),
    "all-gradients": () =>
      tf.tidy(() => {
        const { gradients } = parameterGradients(() => mean(losses(images)), network.parameters);
        return [...gradients.values()].at(-1)!;
      }),
  };
  if (what !== "step") return runs[what];
  const { step } = atAwpStep(network);
  return (repeat) => step(batch, random(repeat), { learningRate: 0.01 }).loss;
}

async function main({ backend, ...figureCase }: OurTask): Promise<void> {
  const { device } = await useBackend(backend as BackendName);
  const run = figureRun(figureCase);
  const timed = async (repeat: number): Promise<Duration> => {
    const [started, cpuStarted] = [performance.now(), process.cpuUsage()];
    const result = run(repeat);
    await result.data();
    result.dispose();
    const { user, system } = process.cpuUsage(cpuStarted);
    return { seconds: (performance.now() - started) / 1000, cpuSeconds: (user + system) / 1e6 };
  };
  await timed(0); // fills caches
  print({ ready: true, device });
  let repeat = 0;
  for await (const _line of createInterface({ input: process.stdin })) print(await timed(++repeat));
  print({ peakMemory: process.resourceUsage().maxRSS / 1024 });
}

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

await main(JSON.parse(process.argv[2] ?? "{}") as OurTask);
