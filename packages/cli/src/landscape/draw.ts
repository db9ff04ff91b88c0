import { join } from "node:path";
import { type Network, random } from "@awp/core";
import { batches } from "@awp/data";
import { type Direction, landscape, type LandscapeEvent, type LandscapePoint } from "@awp/landscape";
import type { Ranks } from "../ranks/ranks";
import type { Progress } from "../terminal/progress";
import { attackOf, attackWords } from "./attack";
import { type DirectionPlan, namedPlan, randomPlan } from "./direction";
import { type LandscapeFile, pointsIn, writeLandscape } from "./landscape-file";
import type { LandscapeCommandOptions } from "./options";
import type { Subject } from "./subject";

/** A landscape that is whole, and where it is kept. */
export interface Drawn {
  readonly file: string;
  readonly points: readonly LandscapePoint[];
}

/** The directions of each landscape around one network: one for a line, two for a plane. */
export async function plansOf(
  subject: Subject,
  { direction, directions, normalization, plane, seed }: LandscapeCommandOptions,
): Promise<readonly (readonly DirectionPlan[])[]> {
  const seeds = (each: number): number => seed + each;
  if (direction !== "random") {
    const named = await namedPlan(direction, subject, normalization);
    return [plane === true ? [named, randomPlan(seed)] : [named]];
  }
  return Array.from({ length: directions }, (_, k) =>
    plane === true
      ? [randomPlan(seeds(2 * k), normalization), randomPlan(seeds(2 * k + 1), normalization)]
      : [randomPlan(seeds(k), normalization)],
  );
}

/** The name of a landscape's file. */
function fileName(epoch: number, split: string, plans: readonly DirectionPlan[]): string {
  const plane = plans.length > 1 ? "plane-" : "";
  return `epoch-${String(epoch).padStart(4, "0")}-${split}-${plane}${plans.map(({ label }) => label).join("-")}.json`;
}

/** How landscapes are watched and ended. */
export interface Watch {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** The processes that share the images of each point. */
  readonly ranks: Ranks;
}

function wordsOf({ point: { at, clean, adversarial }, done, total }: LandscapeEvent): string {
  const place = at.map((position) => Number(position.toPrecision(4))).join(", ");
  return `${done} of ${total} points; at ${place} the loss is ${(adversarial ?? clean).loss.toFixed(3)}`;
}

/** The weights in the middle of a landscape, loaded. */
interface Centre {
  readonly network: Network;
  readonly epoch: number;
  readonly fingerprint: string;
}

export interface DrawOptions {
  readonly subject: Subject;
  readonly centre: Centre;
  readonly plans: readonly DirectionPlan[];
}

/** Measures one landscape, and keeps each point as it comes: rank 0 does. */
export async function draw(
  { subject, centre: { network, epoch, fingerprint }, plans }: DrawOptions,
  options: LandscapeCommandOptions,
  { progress, signal, ranks }: Watch,
): Promise<Drawn> {
  const { images, attack: asked } = subject;
  const { alphas, split, statistics, batchSize } = options;
  const name = fileName(epoch, split, plans);
  const file = options.json ?? join(options.output ?? subject.folder, name);
  const settings = {
    ...subject.settings,
    weights: fingerprint,
    attack: asked,
    statistics,
    batchSize,
    directions: plans.map((plan) => plan.settings),
    alphas,
    count: images.indices.length,
    split,
  };
  const measured = await ranks.first("points so far", () => pointsIn(file, settings));

  const task = progress.task(`${subject.title} ${name.replace(/\.json$/, "")}`);
  const attack = asked === null ? undefined : attackOf(asked);
  const directions: Direction[] = [];
  try {
    for (const plan of plans) directions.push(await plan.make({ network, images, attack, batchSize }));
    const kept = (points: readonly LandscapePoint[]): LandscapeFile => ({
      epoch,
      split,
      directions: directions.map(({ description }) => description),
      attack: attackWords(asked),
      images: images.indices.length,
      points,
      settings,
    });
    const keep = async (some: readonly LandscapePoint[]): Promise<void> =>
      ranks.rank === 0 ? writeLandscape(file, kept(some)) : undefined;
    const points = [...measured];
    const running = landscape({
      network,
      batches: () => batches(images, { batchSize }),
      axes: directions.map((direction) => ({ direction, positions: alphas })),
      ...(attack && { attack, pregenerated: true }),
      statistics,
      random: random(0),
      measured,
      signal,
      ...(ranks.group && { group: ranks.group }),
    });
    for (;;) {
      const { done, value } = await running.next();
      if (done === true) {
        await keep(value.points);
        task.note(`${value.points.length} points in ${file}`);
        return { file, points: value.points };
      }
      points.push(value.point);
      await keep(points);
      task.update(value.done / value.total, wordsOf(value));
    }
  } finally {
    for (const direction of directions) direction.dispose();
  }
}
