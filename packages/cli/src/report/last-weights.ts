import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The file of a training's newest weights: averaged ones, where it has them, as it is evaluated by those. Undefined
 * where nothing has been kept yet.
 */
export async function lastWeights(training: string): Promise<string | undefined> {
  const folder = join(training, "checkpoints");
  const names = await readdir(folder).catch(() => []);
  const newest = names.filter((name) => name.startsWith("epoch-")).sort();
  const files = newest
    .reverse()
    .flatMap((name) => ["average.safetensors", "model.safetensors"].map((file) => join(folder, name, file)));
  return files.find((file) => existsSync(file));
}
