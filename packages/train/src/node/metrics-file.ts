import { appendFile, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Adds one line and flushes it to the disk. */
export async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, `${line}\n`, { flush: true });
}

/**
 * Cuts the file back to the first `epochs` epochs, so that the resumed training writes the others again. It is cut where
 * it stands: a copy renamed over it would stay behind for ever if a kill came first.
 */
export async function cutMetrics(path: string, epochs: number): Promise<void> {
  const text = await textOf(path);
  if (text === undefined) return;
  let bytes = 0;
  for (const line of text.split("\n").slice(0, -1)) {
    if (epochOf(line) >= epochs) break;
    bytes += Buffer.byteLength(line) + 1;
  }
  if (bytes === Buffer.byteLength(text)) return;
  const file = await open(path, "r+");
  try {
    await file.truncate(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
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
