import { isDeepStrictEqual } from "node:util";
import type { LandscapePoint } from "@awp/landscape";
import { z } from "zod";
import type { LandscapeFigures } from "@awp/report";
import { writeWhole } from "@awp/core/node";
import { readJson } from "../runs/json-file";
import { landscapePoints } from "../runs/landscapes";
import { UsageError } from "../usage-error";

/** All that a landscape is measured with: what must be equal for one that was ended early to go on. */
export type LandscapeSettings = Readonly<Record<string, unknown>>;

/** A landscape as it is kept, whole or not yet: what figures are drawn from, and what it takes to measure it again. */
export interface LandscapeFile extends LandscapeFigures {
  readonly settings: LandscapeSettings;
}

const schema = z.object({ points: landscapePoints, settings: z.record(z.string(), z.unknown()) });

/**
 * The points that a file holds already; none where it is not there.
 *
 * @throws UsageError for a landscape with other settings, which the new one would overwrite; AwpError for another file.
 */
export async function pointsIn(path: string, settings: LandscapeSettings): Promise<readonly LandscapePoint[]> {
  const found = await readJson(path, schema);
  if (found === undefined) return [];
  const now = JSON.parse(JSON.stringify(settings)) as LandscapeSettings;
  const names = [...new Set([...Object.keys(now), ...Object.keys(found.settings)])];
  const others = names.filter((name) => !isDeepStrictEqual(now[name], found.settings[name]));
  if (others.length === 0) return found.points;
  const [first = ""] = others;
  const change = `${first} was ${JSON.stringify(found.settings[first])}, is ${JSON.stringify(now[first])}`;
  const more = others.length > 1 ? `, and ${others.slice(1).join(", ")}` : "";
  throw new UsageError(`${path} holds another landscape: ${change}${more}; name another --output, or remove it`);
}

/** Writes the file, whole: a kill leaves the last one or the one before. */
export function writeLandscape(path: string, landscape: LandscapeFile): Promise<void> {
  return writeWhole(path, `${JSON.stringify(landscape, null, 2)}\n`);
}
