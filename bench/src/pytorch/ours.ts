/** Our side: one figure in a process of its own, one repetition for each line on the standard input. */
import {
  type BackendName,
  compileStep,
  crossEntropy,
  type Images,
  type Labels,
  mean,
  parameterGradients,
  random,
  useBackend,
  valueAndGradient,
} from "@awp/core";
import type { TorchBackend } from "@awp/backend-torch";
import * as tf from "@tensorflow/tfjs-core";
import { createInterface } from "node:readline";
import { atAwpStep, noiseBatch } from "../at-awp-step";
import type { Duration, FigureCase, OurOptions } from "./figure";
import { namedNetwork } from "./network";

export interface OurTask extends FigureCase, OurOptions {
  readonly backend: string;
}

/** Runs the figure once and returns a tensor of it. */
type Run = (repeat: number) => tf.Tensor;

function figureRun({ network: name, batch: size, what }: FigureCase, recorded: boolean): Run {
  const network = namedNetwork(name, random(0));
  const batch = noiseBatch(size, 32);
  if (what === "step") {
    const step = atAwpStep(network, recorded);
    return (repeat) => step(batch, random(repeat), { learningRate: 0.01 }).loss;
  }
  type Inputs = { readonly images: Images; readonly labels: Labels };
  const losses = (x: Images, labels: Labels) => crossEntropy(network.forward(x, "train"), labels);
  const runs: Readonly<Record<typeof what, (inputs: Inputs) => tf.Tensor>> = {
    forward: ({ images }) => network.forward(images, "train"),
    "input-gradient": ({ images, labels }) => valueAndGradient((x: Images) => losses(x, labels), images).gradient,
    "all-gradients": ({ images, labels }) => {
      const { gradients } = parameterGradients(() => mean(losses(images, labels)), network.parameters);
      return [...gradients.values()].at(-1)!;
    },
  };
  const run = runs[what];
  const { images, labels } = batch;
  const compiled = recorded ? compileStep(run) : (inputs: Inputs) => tf.tidy(() => run(inputs));
  return () => compiled({ images, labels });
}

async function main({ backend, recorded: asked, storage: wanted, ...figureCase }: OurTask): Promise<void> {
  const { name, device } = await useBackend(backend as BackendName);
  const onCuda = name === "torch" && device.includes("CUDA");
  const recorded = asked || onCuda;
  const storage = wanted ?? (onCuda ? "bfloat16" : "float32");
  if (name === "torch") (await import("@awp/backend-torch")).setPrecision({ storage });
  const run = figureRun(figureCase, recorded);
  const timed = async (repeat: number): Promise<Duration> => {
    const [started, cpuStarted] = [performance.now(), process.cpuUsage()];
    const result = run(repeat);
    await done(result);
    const { user, system } = process.cpuUsage(cpuStarted);
    const seconds = (performance.now() - started) / 1000;
    result.dispose();
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  };
  // Fills caches; the third time records, the fourth captures.
  for (let warmUp = recorded ? -3 : 0; warmUp <= 0; warmUp++) await timed(1);
  print({ ready: true, device, engine: `${recorded ? "recorded" : "eager"}, ${storage}` });
  let repeat = 0;
  for await (const _line of createInterface({ input: process.stdin })) print(await timed(++repeat));
  print({ peakMemory: peakMemory() });
}

/** Waits for the device, as PyTorch's side does: a read would pay for moving the values, too. */
async function done(result: tf.Tensor): Promise<void> {
  const { synchronize } = tf.backend() as Partial<TorchBackend>;
  if (synchronize === undefined) await result.data();
  else synchronize.call(tf.backend());
}

/** Megabytes: of the device what its allocator held, as on PyTorch's side, else of the process. */
function peakMemory(): number {
  const { stats } = tf.backend() as Partial<TorchBackend>;
  const device = stats?.call(tf.backend()).device;
  return device === undefined ? process.resourceUsage().maxRSS / 1024 : device.peakReserved / 2 ** 20;
}

function print(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

await main(JSON.parse(process.argv[2] ?? "{}") as OurTask);
