import { fileURLToPath } from "node:url";
import { median } from "../median";
import type { Duration, FigureCase, OurOptions } from "./figure";
import type { OurTask } from "./ours";
import { side, type Side } from "./side";

export interface ComparisonOptions extends OurOptions {
  /** The name of the TensorFlow.js backend. */
  readonly backend: string;
  readonly python: string;
  readonly threads: number;
  readonly repeats: number;
}

/** A side's figures: medians in seconds, the peak in megabytes. */
export interface Measured extends Duration {
  readonly peakMemory: number;
  readonly device: string;
  readonly engine: string | undefined;
}

export interface Comparison extends FigureCase {
  readonly ours: Measured;
  readonly official: Measured;
  readonly tuned: Measured;
}

// As built: both entries lie in dist.
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Times one figure on the three sides, each in a process of its own, repetition by repetition in turn. */
export async function comparison(figureCase: FigureCase, options: ComparisonOptions): Promise<Comparison> {
  const { python, threads, repeats, ...ourOptions } = options;
  const sides: Side[] = [];
  try {
    const task: OurTask = { ...figureCase, ...ourOptions };
    const ours = await side(process.execPath, [file("ours.js"), JSON.stringify(task)], threads);
    sides.push(ours);
    const device = ours.device.includes("CUDA") ? "cuda" : "cpu";
    for (const form of ["official", "tuned"]) {
      const { network, batch, what } = figureCase;
      const args = { network, batch, what, form, device, threads, repeats };
      const flags = Object.entries(args).flatMap(([name, value]) => [`--${name}`, `${value}`]);
      sides.push(await side(python, ["-B", file("../pytorch/main.py"), ...flags, "--paced"], threads));
    }

    const durations: Duration[][] = sides.map(() => []);
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [index, each] of sides.entries()) durations[index]!.push(await each.measure());
    }
    const measured: Measured[] = [];
    for (const [index, { device, engine, end }] of sides.entries()) {
      const seconds = median(durations[index]!.map(({ seconds }) => seconds));
      const cpuSeconds = median(durations[index]!.map(({ cpuSeconds }) => cpuSeconds));
      measured.push({ seconds, cpuSeconds, peakMemory: await end(), device, engine });
    }
    const [first, official, tuned] = measured as [Measured, Measured, Measured];
    return { ...figureCase, ours: first, official, tuned };
  } finally {
    for (const each of sides) each.kill();
  }
}
