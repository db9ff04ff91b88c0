import { ArgumentError } from "@awp/core";
import type { LandscapeFigures, PointFigures, RunFigures } from "../run-figures";

/** Which images a landscape's figures are of: adversarial ones made anew at each point or at its centre, or clean ones. */
export type ImagesKind = "adversarial" | "pregenerated" | "clean";

/** Which of a landscape's figures: the loss, or the share of images that are recognised. */
export type Measure = "loss" | "accuracy";

/** A mean over directions at one α. */
interface LinePoint {
  readonly alpha: number;
  readonly mean: number;
  /** The mean minus and plus one standard deviation (of a sample, n − 1); both the mean itself where there is one direction. */
  readonly low: number;
  readonly high: number;
}

/** The lines along several directions of one kind, around the same weights, put together. */
export interface LandscapeLine {
  readonly run: string;
  readonly epoch: number;
  readonly split: string;
  readonly attack: string;
  readonly images: number;
  /** The directions in words, without their seeds. */
  readonly direction: string;
  /** How many directions. */
  readonly count: number;
  readonly kind: ImagesKind;
  readonly points: readonly LinePoint[];
}

export interface LineOptions {
  /** @default "adversarial" */
  readonly kind?: ImagesKind | undefined;
  /** @default "loss" */
  readonly measure?: Measure | undefined;
  /** Whether each line's value at α = 0 is taken from it, to compare shapes: g(α) − g(0). */
  readonly relative?: boolean | undefined;
}

/** The one-dimensional landscapes of a run with images of the kind, those of one epoch, split, attack and kind of direction as one line. */
export function landscapeLinesOf(run: RunFigures, options: LineOptions = {}): readonly LandscapeLine[] {
  const { kind = "adversarial" } = options;
  const groups = new Map<string, LandscapeFigures[]>();
  for (const landscape of run.landscapes) {
    if (landscape.directions.length !== 1 || !landscape.points.some((point) => point[kind] !== undefined)) continue;
    const { epoch, split, attack, images } = landscape;
    const key = JSON.stringify([epoch, split, attack, images, withoutSeed(landscape.directions[0]!)]);
    groups.set(key, [...(groups.get(key) ?? []), landscape]);
  }
  return [...groups.values()]
    .map((group) => lineOf(run.name, group, { ...options, kind }))
    .filter(({ points }) => points.length > 1) // a landscape of its centre alone tells an accuracy, and draws nothing
    .sort((a, b) => a.epoch - b.epoch);
}

function lineOf(run: string, group: readonly LandscapeFigures[], options: LineOptions & { kind: ImagesKind }) {
  const { epoch, split, attack, images, directions } = group[0]!;
  const lines = group.map((landscape) => valuesOf(run, landscape, options));
  // A mean over other directions at one α than at the next would have jumps that no line has.
  const alphas = [...lines[0]!.keys()].filter((alpha) => lines.every((line) => line.has(alpha)));
  const points = alphas.map((alpha) => ({ alpha, ...band(lines.map((line) => line.get(alpha)!)) }));
  return {
    ...{ run, epoch, split, attack, images, direction: withoutSeed(directions[0]!), count: group.length },
    kind: options.kind,
    points: points.sort((a, b) => a.alpha - b.alpha),
  };
}

function valuesOf(run: string, { epoch, points }: LandscapeFigures, options: LineOptions & { kind: ImagesKind }) {
  const { kind, measure = "loss", relative = false } = options;
  const valueOf = (point: PointFigures) => point[kind]?.[measure];
  const centre = points.find(({ at }) => at[0] === 0);
  const origin = relative ? centre && valueOf(centre) : 0;
  if (origin === undefined) {
    throw new ArgumentError(`landscape of ${run} after epoch ${epoch}`, "no point at α = 0", "one, to compare shapes");
  }
  return new Map(
    points.flatMap((point) => {
      const value = valueOf(point);
      return value === undefined ? [] : [[point.at[0]!, value - origin] as const];
    }),
  );
}

function band(values: readonly number[]): Omit<LinePoint, "alpha"> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean, low: mean - deviation, high: mean + deviation };
}

/** A direction in words without its seed, which tells one of a kind from another. */
function withoutSeed(direction: string): string {
  return direction.replace(/,?\s*seed \d+/, "");
}
