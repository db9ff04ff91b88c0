import { fileURLToPath } from "node:url";
import { median } from "../median";
import type { Duration, Engine, FigureCase, OurOptions } from "./figure";
import type { OurTask } from "./ours";
import { side, type Side } from "./side";

export interface ComparisonOptions extends OurOptions {
  /** The name of the TensorFlow.js backend. */
  readonly backend: string;
  readonly python: string;
  readonly threads: number;
  readonly repeats: number;
  /** What PyTorch's tuned side runs on CUDA; bench/pytorch/main.py explains them. */
  readonly engine: Engine;
}

/** A side's figures: medians in seconds, the peak in megabytes. */
export interface Measured extends Duration {
  /** How many repetitions the medians are of. */
  readonly repeats: number;
  readonly peakMemory: number;
  readonly device: string;
  readonly engine: string | undefined;
}

export interface Comparison extends FigureCase {
  readonly ours: Measured;
  readonly official: Measured;
  readonly tuned: Measured;
}

/** What there is of a comparison before it is whole: a side only once it is ready, and without its peak. */
export type PartialComparison = FigureCase & { readonly [name in SideName]?: Omit<Measured, "peakMemory"> };

const sideNames = ["ours", "official", "tuned"] as const;

type SideName = (typeof sideNames)[number];

// As built: both entries lie in dist.
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Times one figure on the three sides, each in a process of its own, repetition by repetition in turn. `progress` hears
 * of every repetition: PyTorch's compiler may take longer than there is.
 */
export async function comparison(
  figureCase: FigureCase,
  options: ComparisonOptions,
  progress: (sofar: PartialComparison) => void,
): Promise<Comparison> {
  const { python, threads, repeats, engine, ...ourOptions } = options;
  const sides: Side[] = [];
  const durations: Duration[][] = [];
  const measure = async (index: number): Promise<void> => {
    durations[index]!.push(await sides[index]!.measure());
    const entries = sides.map((each, at) => [sideNames[at], summary(each, durations[at]!)] as const);
    progress({ ...figureCase, ...(Object.fromEntries(entries) as Omit<PartialComparison, keyof FigureCase>) });
  };
  const begin = async (command: string, args: readonly string[]): Promise<Side> => {
    const begun = await side(command, args, threads);
    sides.push(begun);
    durations.push([]);
    await measure(sides.length - 1);
    return begun;
  };
  try {
    const task: OurTask = { ...figureCase, ...ourOptions };
    const ours = await begin(process.execPath, [file("ours.js"), JSON.stringify(task)]);
    const device = ours.device.includes("CUDA") ? "cuda" : "cpu";
    for (const form of ["official", "tuned"]) {
      const { network, batch, what } = figureCase;
      const args = { network, batch, what, form, device, threads, repeats, engine };
      const flags = Object.entries(args).flatMap(([name, value]) => [`--${name}`, `${value}`]);
      await begin(python, ["-B", file("../pytorch/main.py"), ...flags, "--paced"]);
    }
    for (let repeat = 1; repeat < repeats; repeat++) {
      for (const index of sides.keys()) await measure(index);
    }
    const measured: Measured[] = [];
    for (const [index, each] of sides.entries()) {
      measured.push({ ...summary(each, durations[index]!), peakMemory: await each.end() });
    }
    const [first, official, tuned] = measured as [Measured, Measured, Measured];
    return { ...figureCase, ours: first, official, tuned };
  } finally {
    for (const each of sides) each.kill();
  }
}

function summary({ device, engine }: Side, durations: readonly Duration[]): Omit<Measured, "peakMemory"> {
  return {
    seconds: median(durations.map(({ seconds }) => seconds)),
    cpuSeconds: median(durations.map(({ cpuSeconds }) => cpuSeconds)),
    repeats: durations.length,
    device,
    engine,
  };
}
