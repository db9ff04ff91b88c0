import { AwpError, type BackendName, useBackend } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { compareCollectives } from "./collectives/compare";
import { compareWithReference } from "./deviation/compare";
import { compareWithPyTorch } from "./pytorch/compare";
import { landscapeCosts } from "./landscape-cost";
import { reportOperations } from "./operations/report";
import { timeInput } from "./input-time";
import { timeLayers } from "./layer-time";
import { compareProcesses } from "./processes/compare";
import { printScaling } from "./scaling";
import { cases, type StepCase, timeSteps } from "./step-time";

const usage = `npm run bench -- [--backend NAME] [--repeats N]

Times the training step of AT and of AT-AWP side by side and prints what AWP costs. Absolute times are this machine's;
the ratio is the figure to compare.

npm run bench -- --layers [--backend NAME] [--repeats N]

Times layers of image networks forward, and their gradients as multiples of that.

npm run bench -- --landscape [--backend NAME] [--repeats N]

Times landscapes of several points and images, and prints what a point costs in evaluations of the same images.

npm run bench -- --input [--backend NAME] [--repeats N] [--json FILE]

Times making batches of 128 images as CIFAR-10 has them, shuffled, cropped and flipped, by part and on one core, beside
what a step of 5 ms takes: 25,600 images a second.

npm run bench -- --pytorch [--backend NAME] [--case NETWORK:BATCH]... [--figure NAME]... [--repeats N] [--threads N]
                 [--clock wall|cpu] [--compiled] [--storage float32|bfloat16]
                 [--engine best|compile|graph|eager] [--json FILE]

Times our packages against PyTorch, the reference script's step and a tuned one, on this machine and in turn.
--compiled lets torch record and replay our side, which it always does on CUDA; there bfloat16 is the default too.
--engine is what PyTorch's tuned form runs on CUDA: torch.compile takes minutes, a CUDA graph seconds. --json is written
anew after each repetition.
Networks: preactresnet18, preactresnet34, wrn-DEPTH-WIDEN. Figures: forward, input-gradient, all-gradients, step.

npm run bench -- --operations [--network NAME] [--json FILE]

Counts what a recorded AT-AWP step gives a device to do on torch, by part. It needs no GPU, and no rest from others.

npm run bench -- --collectives [--network NAME] [--ranks N] [--repeats N] [--json FILE]

Times summing a network's gradients over processes of this machine against PyTorch's Gloo, in turn: tensor by tensor, and
in buckets as DistributedDataParallel makes them.

npm run bench -- --processes [--network NAME] [--batch N] [--ranks N] [--repeats N] [--json FILE]

Times a step of AT-AWP on torch on several processes of one thread each against one process of as many threads, in turn,
and the part of it that goes into collectives.

npm run bench -- --scaling

Prints what a step takes on 1 to 64 GPUs on paper: arithmetic counted, reductions by the network's bandwidth.

npm run bench -- --deviation [--backend NAME] [--precision float32|tf32|bfloat16] [--compiled [--reference eager|cpu]...]
                 [--json FILE]

Compares what a backend computes (logits, loss, gradients, an AT-AWP step) with plain JavaScript. Exits with 1 when a
figure is beyond its tolerance; tf32 and bfloat16 have wider ones. --precision float32 turns TF32 off, bfloat16 is torch's
storage. --compiled compares six calls of one compiled AT-AWP step, of which torch records the third and replays the rest,
each with another batch, key and rate, with the same calls run as they are on the same device (eager) and in plain
JavaScript (cpu, which takes minutes).
`;

/** Prints one row for each case and each backend that loads. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backend: { type: "string" },
      repeats: { type: "string", default: "5" },
      layers: { type: "boolean" },
      landscape: { type: "boolean" },
      input: { type: "boolean" },
      pytorch: { type: "boolean" },
      deviation: { type: "boolean" },
      operations: { type: "boolean" },
      collectives: { type: "boolean" },
      processes: { type: "boolean" },
      batch: { type: "string", default: "32" },
      ranks: { type: "string", default: "2" },
      scaling: { type: "boolean" },
      network: { type: "string", default: "preactresnet18" },
      precision: { type: "string", default: "float32" },
      reference: { type: "string", multiple: true },
      engine: { type: "string", default: "best" },
      case: { type: "string", multiple: true },
      figure: { type: "string", multiple: true },
      threads: { type: "string", default: "2" },
      clock: { type: "string", default: "wall" },
      compiled: { type: "boolean", default: false },
      storage: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return void process.stdout.write(usage);
  const repeats = positive("repeats", values.repeats);
  if (values.layers === true) return printLayers(values.backend as BackendName | undefined, repeats);
  if (values.landscape === true) return printLandscapes(values.backend as BackendName | undefined, repeats);
  if (values.operations === true) return reportOperations({ network: values.network, json: values.json });
  if (values.collectives === true) {
    const { network, json } = values;
    return compareCollectives({ network, ranks: positive("ranks", values.ranks), repeats, json });
  }
  if (values.processes === true) {
    const { network, json } = values;
    const [batch, ranks] = [positive("batch", values.batch), positive("ranks", values.ranks)];
    return compareProcesses({ network, batch, ranks, repeats, json });
  }
  if (values.scaling === true) return printScaling();
  if (values.input === true) return printInput({ ...values, repeats });
  if (values.deviation === true) {
    const { backend = "torch", precision, compiled, reference: references, json } = values;
    if (!(await compareWithReference({ backend, precision, compiled, references, json }))) process.exitCode = 1;
    return;
  }
  if (values.pytorch === true) {
    const { backend = "torch", case: cases, figure: figures, clock, compiled, storage, engine, json } = values;
    return compareWithPyTorch({
      backend,
      cases,
      figures,
      clock,
      compiled,
      storage,
      engine,
      json,
      repeats,
      threads: positive("threads", values.threads),
    });
  }
  const names =
    values.backend === undefined ? (["tensorflow", "wasm", "cpu"] as const) : [values.backend as BackendName];
  const header = ["backend", "network", "images", "batch", "AT ms", "AT-AWP ms", "AWP costs"];
  process.stdout.write(`${row(header)}\n`);
  for (const name of names) {
    try {
      await useBackend(name);
    } catch (error) {
      if (values.backend !== undefined || !AwpError.is(error)) throw error;
      process.stdout.write(`${name}: left out, ${error.message}\n`);
      continue;
    }
    for (const stepCase of cases.filter(({ slow }) => !(slow && name === "cpu"))) {
      process.stdout.write(`${row(await cells(name, stepCase, repeats))}\n`);
    }
  }
}

async function printLayers(backend: BackendName = "wasm", repeats: number): Promise<void> {
  await useBackend(backend);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => text.padEnd(column === 0 ? 30 : 16))
      .join("")
      .trimEnd();
  process.stdout.write(`${line([`layer on ${backend}`, "forward ms", "input gradient", "filter gradient"])}\n`);
  for await (const { title, forward, inputGradient, filterGradient } of timeLayers(repeats)) {
    const multiples = [inputGradient, filterGradient].map((multiple) => (multiple ? `× ${multiple.toFixed(1)}` : ""));
    process.stdout.write(`${line([title, forward.toFixed(2), ...multiples])}\n`);
  }
}

async function printLandscapes(backend: BackendName = "wasm", repeats: number): Promise<void> {
  await useBackend(backend);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text) => text.padEnd(26))
      .join("")
      .trimEnd();
  process.stdout.write(`${line([`landscape on ${backend}`, "points × images", "evaluation ms", "a point costs"])}\n`);
  for await (const { title, points, images, evaluation, perPoint } of landscapeCosts(repeats)) {
    const cost = `${perPoint.toFixed(2)} evaluations`;
    process.stdout.write(`${line([title, `${points} × ${images}`, evaluation.toFixed(0), cost])}\n`);
  }
}

interface InputOptions {
  readonly backend?: string | undefined;
  readonly repeats: number;
  readonly json?: string | undefined;
}

async function printInput({ backend = "torch", repeats, json }: InputOptions): Promise<void> {
  await useBackend(backend as BackendName);
  const times = timeInput(repeats);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => text.padEnd(column === 0 ? 26 : 18))
      .join("")
      .trimEnd();
  process.stdout.write(`${line([`images on ${backend}`, "µs an image", "images a second", "of 25,600"])}\n`);
  for (const { part, microseconds } of times) {
    const rate = 1e6 / microseconds;
    const cells = [microseconds.toFixed(2), Math.round(rate).toLocaleString("en"), `${(rate / 25_600).toFixed(2)} ×`];
    process.stdout.write(`${line([part, ...cells])}\n`);
  }
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ backend, times }, null, 2)}\n`);
}

function positive(option: string, text: string): number {
  const value = Number(text);
  requireArgument(Number.isSafeInteger(value) && value >= 1, option, text, "a positive integer");
  return value;
}

async function cells(backend: BackendName, stepCase: StepCase, repeats: number): Promise<string[]> {
  const { at, atAwp, costs } = await timeSteps(stepCase, repeats);
  const { title, size, batch } = stepCase;
  return [
    backend,
    title,
    `${size}×${size}`,
    `${batch}`,
    at.toFixed(0),
    atAwp.toFixed(0),
    `+${(100 * costs).toFixed(1)} %`,
  ];
}

function row(texts: readonly string[]): string {
  const widths = [10, 18, 7, 5, 8, 10, 9];
  return texts
    .map((text, column) => text.padEnd(widths[column] ?? 0))
    .join("  ")
    .trimEnd();
}

await main().catch((error: unknown) => {
  if (!AwpError.is(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
