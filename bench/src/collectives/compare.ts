import { random } from "@awp/core";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port";
import { median } from "../median";
import { namedNetwork } from "../pytorch/network";
import { pythonWithTorch } from "../pytorch/python";
import { type Side, side } from "../pytorch/side";
import type { RankTask } from "./rank";

export interface CollectivesOptions {
  readonly network: string;
  readonly ranks: number;
  readonly repeats: number;
  readonly json?: string | undefined;
}

/** How a network's gradients are summed: by us, and by PyTorch tensor by tensor or in DistributedDataParallel's buckets. */
const forms = ["ours", "tensors", "buckets"] as const;

/** Prints how long processes of this machine take to sum a network's gradients, ours and PyTorch's in turn. */
export async function compareCollectives({ network, ranks, repeats, json }: CollectivesOptions): Promise<void> {
  const shapes = [...namedNetwork(network, random(0)).parameters.values()].map(({ shape }) => shape);
  const bytes =
    4 * shapes.flatMap((shape) => shape.reduce((product, size) => product * size, 1)).reduce((a, b) => a + b);
  const python = pythonWithTorch();
  const sides: Record<string, readonly Side[]> = {};
  try {
    for (const form of forms) sides[form] = await start(form, await freePort(), ranks, shapes, python.command);
    const seconds: Record<string, number[]> = { ours: [], tensors: [], buckets: [] };
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const form of forms) {
        const took = await Promise.all((sides[form] ?? []).map((rank) => rank.measure()));
        seconds[form]?.push(Math.max(...took.map((duration) => duration.seconds)));
      }
    }
    const medians = Object.fromEntries(forms.map((form) => [form, median(seconds[form] ?? [])]));
    const times = (form: string): string => `${((medians[form] ?? 0) / (medians["ours"] ?? 1)).toFixed(2)}×`;
    process.stdout.write(
      `${network}, ${(bytes / 1e6).toFixed(1)} MB of gradients over ${ranks} processes, medians of ${repeats}:\n` +
        `ours ${((medians["ours"] ?? 0) * 1000).toFixed(0)} ms; PyTorch ${python.version}'s time over ours: ` +
        `tensor by tensor ${times("tensors")}, in buckets ${times("buckets")}\n`,
    );
    if (json !== undefined) {
      await writeFile(
        json,
        `${JSON.stringify({ network, bytes, ranks, pytorch: python.version, seconds }, null, 2)}\n`,
      );
    }
  } finally {
    for (const rank of Object.values(sides).flat()) rank.kill();
  }
}

/** One process for each rank, with one thread each. */
async function start(
  form: (typeof forms)[number],
  port: number,
  size: number,
  shapes: readonly (readonly number[])[],
  python: string,
): Promise<Side[]> {
  const script = fileURLToPath(new URL("../pytorch/collectives.py", import.meta.url));
  const program = fileURLToPath(new URL("collectives-rank.js", import.meta.url));
  return Promise.all(
    Array.from({ length: size }, (_, rank) => {
      if (form === "ours") {
        const task: RankTask = { rank, size, port, shapes };
        return side(process.execPath, [program, JSON.stringify(task)], 1);
      }
      const options = { rank, size, port, form, shapes: JSON.stringify(shapes) };
      const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
      return side(python, [script, ...words], 1);
    }),
  );
}
