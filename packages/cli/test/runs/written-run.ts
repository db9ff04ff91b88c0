import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Writes files into a folder: texts as they are, anything else as JSON. */
export async function write(folder: string, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content, null, 2));
  }
}

/** Lines of `metrics.jsonl`, as a training writes them, of so many epochs. */
export function metricsOf(epochs: number): string {
  return Array.from({ length: epochs }, (_, epoch) => lineOf(epoch)).join("");
}

/** The line of an epoch, from 0. */
export function lineOf(epoch: number): string {
  const metrics = { natural: (30 + epoch) / 100, robust: (20 + epoch) / 100 };
  return `${JSON.stringify({ epoch, loss: 2 - epoch / 10, learningRate: 0.1, seconds: 1.5, metrics })}\n`;
}
