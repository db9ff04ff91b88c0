import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port";
import { median } from "../median";
import { type Side, side } from "../pytorch/side";
import type { StepTask } from "./rank";

export interface ProcessesOptions {
  readonly network: string;
  readonly batch: number;
  readonly ranks: number;
  readonly repeats: number;
  readonly json?: string | undefined;
}

/**
 * Prints what a step of AT-AWP takes on so many processes of one thread each, beside one process of as many threads, in
 * turn, and which part of it the processes spend in collectives.
 */
export async function compareProcesses({ network, batch, ranks, repeats, json }: ProcessesOptions): Promise<void> {
  const start = (rank: number, size: number, port: number, threads: number): Promise<Side> => {
    const task: StepTask = { rank, size, port, network, batch };
    const program = fileURLToPath(new URL("processes-rank.js", import.meta.url));
    return side(process.execPath, [program, JSON.stringify(task)], threads);
  };
  const [own, port] = [start(0, 1, 0, ranks), await freePort()];
  const sides = await Promise.all([own, ...Array.from({ length: ranks }, (_, rank) => start(rank, ranks, port, 1))]);
  const [alone, ...together] = sides as [Side, ...Side[]];
  const [single, shared, waiting]: [number[], number[], number[]] = [[], [], []];
  try {
    for (let repeat = 0; repeat < repeats; repeat++) {
      single.push((await alone.measure()).seconds);
      const took = await Promise.all(together.map((rank) => rank.measure()));
      shared.push(Math.max(...took.map(({ seconds }) => seconds)));
      const inCollectives = took.map((each) => (each as unknown as { inCollectives: number }).inCollectives);
      waiting.push(Math.min(...inCollectives) / (shared.at(-1) as number));
    }
  } finally {
    for (const each of sides) each.kill();
  }
  const speedUp = median(single) / median(shared);
  process.stdout.write(
    `${network}, AT-AWP with PGD-10, batch ${batch}, medians of ${repeats}: ${ranks} processes of one thread take ` +
      `${(1 / speedUp).toFixed(2)} of the time of one process of ${ranks} threads; ` +
      `${(100 * median(waiting)).toFixed(1)} % of it in collectives, on the rank that comes last\n`,
  );
  if (json !== undefined) {
    const figures = {
      network,
      batch,
      ranks,
      secondsAlone: single,
      secondsTogether: shared,
      partInCollectives: waiting,
    };
    await writeFile(json, `${JSON.stringify(figures, null, 2)}\n`);
  }
}
