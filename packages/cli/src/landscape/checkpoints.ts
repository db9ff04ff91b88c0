import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { AwpError } from "@awp/core";
import { UsageError } from "../usage-error";

/** Weights in a file. */
export interface StoredWeights {
  /** The epoch after which they were these; 0 where no training is known, and before the first. */
  readonly epoch: number;
  readonly file: string;
}

/** What may stand in the place of a checkpoint. */
const pattern = /^(best|last|all|\d+)$/;

/**
 * The checkpoints of a training by a name of the command line: `best`, `last`, `all` or an epoch; ascending. Averaged
 * weights go before the live ones, as they are what the training is evaluated by.
 *
 * @throws UsageError for another name; AwpError where there is none.
 */
export function checkpointsOf(training: string, wanted: string): readonly StoredWeights[] {
  if (!pattern.test(wanted)) throw new UsageError(`--checkpoint is ${wanted}, want best, last, all or an epoch`);
  const [regular, best] = [checkpointsIn(training), storedIn(join(training, "best"))];
  const named =
    {
      best: best.slice(-1),
      last: regular.slice(-1),
      all: regular,
    }[wanted] ?? [...regular, ...best].filter(({ epoch }) => epoch === Number(wanted)).slice(0, 1);
  if (named.length > 0) return named;
  const there = [...new Set([...regular, ...best].map(({ epoch }) => epoch))].sort((a, b) => a - b);
  const hint = there.length === 0 ? "none is there" : `there are those of the epochs ${there.join(", ")}`;
  throw new AwpError(`${training}: no checkpoint ${wanted}; ${hint}`);
}

/** All that a training has kept between its epochs, ascending; none before the first. */
export function checkpointsIn(training: string): readonly StoredWeights[] {
  return storedIn(join(training, "checkpoints"));
}

function storedIn(folder: string): readonly StoredWeights[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.flatMap((name) => {
    const [, epoch] = /^epoch-(\d+)$/.exec(name) ?? [];
    const files = ["average.safetensors", "model.safetensors"].map((file) => join(folder, name, file));
    const file = files.find((each) => existsSync(each));
    return epoch === undefined || file === undefined ? [] : [{ epoch: Number(epoch), file }];
  });
  return found.sort((a, b) => a.epoch - b.epoch);
}

/** What tells a file from one with other weights, wherever it lies. */
export async function fingerprint(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new AwpError(`${file}: not read: ${(error as Error).message}`, { cause: error });
  });
  return `sha256:${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}`;
}
