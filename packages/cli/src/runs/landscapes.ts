import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { LandscapeFigures } from "@awp/report";
import { z } from "zod";
import { figure, readJson } from "./json-file";

const measured = z.object({ loss: figure, accuracy: figure });

/** The points of a landscape, whole or not yet. */
export const landscapePoints = z.array(
  z.object({
    at: z.array(z.number()),
    clean: measured,
    adversarial: measured.exactOptional(),
    pregenerated: measured.exactOptional(),
  }),
);

const schema = z.object({
  epoch: z.int(),
  split: z.string(),
  directions: z.array(z.string()),
  attack: z.string(),
  images: z.int(),
  points: landscapePoints,
});

/** The landscapes that `awp landscape` keeps beside a training, by the names of their files. */
export async function readLandscapes(training: string): Promise<readonly LandscapeFigures[]> {
  const found: LandscapeFigures[] = [];
  for (const path of await jsonFilesIn(join(training, "landscapes"))) {
    const landscape = await readJson(path, schema);
    if (landscape !== undefined) found.push(landscape);
  }
  return found;
}

/** The files of JSON in a folder, sorted as a person would; none where there is no folder. */
export async function jsonFilesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(".json") && !name.startsWith("."))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
    .map((name) => join(folder, name));
}
