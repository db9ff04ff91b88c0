import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

/** A folder of its own for each test. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "awp-cli-"));
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Writes a file of settings, and returns its name. */
export function writeSettings(folder: string, settings: object): string {
  writeFileSync(join(folder, "train.json"), JSON.stringify(settings));
  return "train.json";
}

/** What a run has stored, but for the time it took: text of the metrics, hashes of the others, by path. */
export function storedIn(run: string): Readonly<Record<string, string>> {
  const entries = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => /at(-awp)?\//.test(path));
  return Object.fromEntries(
    paths.sort().map((path) => {
      const bytes = readFileSync(path);
      const text = (): string => bytes.toString().replace(/"seconds(PerStep)?":[^,\n]+,?/g, "");
      const hash = (): string => createHash("sha256").update(bytes).digest("hex");
      return [path.slice(run.length + 1), /\.jsonl$|result\.json$/.test(path) ? text() : hash()];
    }),
  );
}

/** Names of the checkpoints of a method from seed 1. */
export function checkpointsOf(run: string, method: string): readonly string[] {
  const folder = join(run, method, "seed-1", "checkpoints");
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(10);
}
