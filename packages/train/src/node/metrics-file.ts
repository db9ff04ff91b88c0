import { appendFile, mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeWhole } from "@awp/core/node";

/** Adds one line and flushes it to the disk. */
export async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${line}\n`, { flush: true });
}

/** Cuts the file back to the first `epochs` epochs, so that the resumed training writes the others again. */
export async function cutMetrics(path: string, epochs: number): Promise<void> {
  const text = await textOf(path);
  if (text === undefined) return;
  const kept = text.split("\n").filter((line) => epochOf(line) < epochs);
  const cut = kept.map((line) => `${line}\n`).join("");
  if (cut !== text) await writeWhole(path, cut);
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Infinity for a line that a kill cut short. */
function epochOf(line: string): number {
  try {
    return (JSON.parse(line) as { epoch: number }).epoch;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
