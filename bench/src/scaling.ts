import { type Network, random, useBackend } from "@awp/core";
import { preActResNet18, wideResNet } from "@awp/models";
import * as tf from "@tensorflow/tfjs-core";

/*
 * What a step of AT-AWP takes on n GPUs on paper: the arithmetic by the device's rate, the gradients by ring all-reduce.
 */

/** The step with PGD-10 in passes forward, a pass backward in images or in weights being one more each. */
const stepPasses = { attack: 10 * 2, weightAttack: 3, outer: 3 } as const;
const passes = stepPasses.attack + stepPasses.weightAttack + stepPasses.outer;

/** Sustained arithmetic, FLOP/s: the peak of an H200 in bfloat16 (1e15, without sparsity) and a part of it that is reached. */
const rate = 0.4e15;

/** The links between machines, then the one inside of a machine, in bytes a second, and the time of one message. */
const links = [
  { name: "1 Gb/s", bandwidth: 1e9 / 8, latency: 50e-6 },
  { name: "10 Gb/s", bandwidth: 10e9 / 8, latency: 30e-6 },
  { name: "100 Gb/s", bandwidth: 100e9 / 8, latency: 5e-6 },
  { name: "400 Gb/s", bandwidth: 400e9 / 8, latency: 5e-6 },
  { name: "NVLink", bandwidth: 450e9, latency: 3e-6 },
] as const;

const counts = [1, 2, 4, 8, 16, 32, 64] as const;

/** Rows of a GPU's share. */
const rows = 128;

interface Measured {
  readonly name: string;
  readonly parameters: number;
  /** Layers of batch normalisation. */
  readonly layers: number;
  /** Multiplications and additions of one image forward, of convolutions and products. */
  readonly flop: number;
}

/** Prints the tables of docs/scaling.md. */
export async function printScaling(): Promise<void> {
  await useBackend("wasm");
  const networks = [
    await measured("PreActResNet-18", preActResNet18({ classes: 10, random: random(0) })),
    await measured("WRN-34-10", wideResNet({ depth: 34, widen: 10, classes: 10, random: random(0) })),
  ];
  head(["network", "parameters", "gradient", "forward, an image", `step of ${rows} images, a GPU`]);
  for (const network of networks) {
    const { name, parameters, flop } = network;
    const step = `${milliseconds(stepTime(network, rows))} ms`;
    print([
      name,
      `${(parameters / 1e6).toFixed(1)} M`,
      `${megabytes(4 * parameters)} MB`,
      `${(flop / 1e9).toFixed(2)} GFLOP`,
      step,
    ]);
  }
  for (const network of networks) {
    write(`\n${network.name}: one reduction, ms, and the share of one GPU's rows a second that each GPU keeps\n\n`);
    head(["GPUs", ...links.map(({ name }) => name)]);
    for (const size of counts) {
      print([`${size}`, ...links.map((link) => cell(network, size, link))]);
    }
    write(`\n${network.name}: with a v per rank, one reduction instead of two\n\n`);
    head(["GPUs", ...links.map(({ name }) => name)]);
    for (const size of [8, 64] as const) {
      print([`${size}`, ...links.map((link) => percent(efficiency(network, size, link, 1, rows)))]);
    }
    write(
      `\n${network.name} on 8 GPUs: the fewest rows each to keep nine tenths, what batch norm waits for, what overlap could add\n\n`,
    );
    head(["", ...links.map(({ name }) => name)]);
    print(["rows a GPU", ...links.map((link) => `${fewestRows(network, 8, link)}`)]);
    for (const [mode, count] of [
      ["eval", 4],
      ["train", 24],
    ] as const) {
      const waits = links.map((link) => `${milliseconds(count * network.layers * messages(8, link))} ms`);
      print([`synchronised, attack in ${mode}`, ...waits]);
    }
    print(["overlap, at most", ...links.map((link) => percent(overlapGain(network, 8, link)))]);
  }
}

async function measured(name: string, network: Network): Promise<Measured> {
  const image = tf.zeros([1, 32, 32, 3]) as tf.Tensor4D;
  const { kernels } = await tf.profile(() => network.forward(image, "eval"));
  const flop = kernels.reduce((sum, { name: kernel, inputShapes, outputShapes }) => {
    const [left, right] = inputShapes as [number[], number[]];
    const [out] = outputShapes as [number[]];
    if (kernel.includes("Conv2D")) return sum + 2 * product(out) * product(right.slice(0, 3));
    return kernel.includes("MatMul") ? sum + 2 * product(out) * (left.at(-1) as number) : sum;
  }, 0);
  const parameters = [...network.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  const layers = network.buffers.size / 2;
  tf.disposeVariables();
  return { name, parameters, layers, flop };
}

const product = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

type Link = (typeof links)[number];

const stepTime = ({ flop }: Measured, images: number): number => (passes * flop * images) / rate;

/** A ring sends 2(n − 1)/n of the bytes over each link, in 2(n − 1) messages. */
function reduction({ parameters }: Measured, size: number, { bandwidth, latency }: Link): number {
  return ((2 * (size - 1)) / size) * ((4 * parameters) / bandwidth) + messages(size, { latency });
}

const messages = (size: number, { latency }: Pick<Link, "latency">): number => 2 * (size - 1) * latency;

/** The share of a GPU's speed alone that it keeps among others, each with so many rows. */
function efficiency(network: Measured, size: number, link: Link, reductions: number, images: number): number {
  const alone = stepTime(network, images);
  return alone / (alone + reductions * reduction(network, size, link));
}

/** How much faster the step were if every reduction ran beside the backward pass in weights before it, as far as that lasts. */
function overlapGain(network: Measured, size: number, link: Link): number {
  const alone = stepTime(network, rows);
  const one = reduction(network, size, link);
  const hidden = Math.min(one, (2 * alone) / passes);
  return (alone + 2 * one) / (alone + 2 * (one - hidden)) - 1;
}

function fewestRows(network: Measured, size: number, link: Link): number {
  return Math.ceil((9 * 2 * reduction(network, size, link)) / stepTime(network, 1));
}

function cell(network: Measured, size: number, link: Link): string {
  return `${milliseconds(reduction(network, size, link))}, ${percent(efficiency(network, size, link, 2, rows))}`;
}

const milliseconds = (seconds: number): string =>
  seconds < 0.01 ? (seconds * 1000).toPrecision(2) : `${Math.round(seconds * 1000)}`;
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const percent = (share: number): string => `${Math.round(100 * share)} %`;
const write = (text: string): void => void process.stdout.write(text);

/** A row of a table in Markdown. */
function print(texts: readonly string[]): void {
  write(`| ${texts.join(" | ")} |\n`);
}

function head(texts: readonly string[]): void {
  print(texts);
  write(`|${"---|".repeat(texts.length)}\n`);
}
