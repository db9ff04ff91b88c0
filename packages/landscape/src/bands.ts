import { requireArgument } from "@awp/core/authoring";
import { samePoint } from "./grid";
import { meanAndDeviation } from "./statistics";
import type { LandscapePoint, Measured } from "./point";

/** One figure over several landscapes. */
export interface Band {
  readonly mean: number;
  /** The standard deviation of a sample; 0 of a single landscape. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

/** A point of several landscapes together. */
export type BandPoint = {
  readonly [Field in keyof LandscapePoint]: LandscapePoint[Field] extends Measured | undefined
    ? { readonly [Figure in keyof Measured]: Band }
    : LandscapePoint[Field];
};

const kinds = ["clean", "adversarial", "pregenerated"] as const;

/**
 * Several landscapes of one network in different directions as one: mean, deviation and range of each figure at each point.
 *
 * @example
 * const measure = (seed: number) =>
 *   drain(
 *     landscape({
 *       network,
 *       batches: () => batches(testSet, { batchSize: 100 }),
 *       axes: [{ direction: randomDirection(network.parameters, random(seed)), positions: [-1, 0, 1] }],
 *       random: random(0),
 *     }),
 *   );
 * for (const { at, clean } of bands([await measure(1), await measure(2)])) console.log(at, clean.loss.mean);
 * @throws ArgumentError without a landscape, and for landscapes whose points or figures are not the same.
 */
export function bands(landscapes: readonly { readonly points: readonly LandscapePoint[] }[]): readonly BandPoint[] {
  const [first] = landscapes;
  requireArgument(first !== undefined, "landscapes", landscapes.length, "at least one");
  for (const [index, { points }] of landscapes.entries()) {
    const same = points.length === first.points.length && points.every((point, k) => alike(point, first.points[k]));
    requireArgument(same, `landscapes[${index}].points`, "others", "the points and figures of the first");
  }
  return first.points.map((point, k) => {
    const figures = kinds.flatMap((kind) => {
      if (point[kind] === undefined) return [];
      const all = landscapes.map(({ points }) => points[k]?.[kind] as Measured);
      const [loss, accuracy] = [band(all.map((each) => each.loss)), band(all.map((each) => each.accuracy))];
      return [[kind, { loss, accuracy }] as const];
    });
    return { at: point.at, ...Object.fromEntries(figures) } as BandPoint;
  });
}

function alike(point: LandscapePoint, other: LandscapePoint | undefined): boolean {
  if (other === undefined || !samePoint(point.at, other.at)) return false;
  return kinds.every((kind) => (point[kind] === undefined) === (other[kind] === undefined));
}

function band(values: readonly number[]): Band {
  return { ...meanAndDeviation(values), least: Math.min(...values), most: Math.max(...values) };
}
