import { ArgumentError } from "@awp/core";
import type { LandscapeFigures } from "../run-figures";
import type { ImagesKind, Measure } from "./landscape-line";

/** A plane's figures on its grid. */
export interface PlaneGrid {
  /** Ascending. */
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
  /** Rows of β, columns of α: `values[row][column]`; null where the surface has not been computed. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** Whether a landscape is a plane with images of the kind, and has at least two points along each direction by now. */
export function isPlane({ directions, points }: LandscapeFigures, kind: ImagesKind): boolean {
  const known = points.filter((point) => point[kind] !== undefined);
  return directions.length === 2 && [0, 1].every((axis) => new Set(known.map(({ at }) => at[axis])).size > 1);
}

/** The grid of a two-dimensional landscape. @throws ArgumentError where it has not two directions, or no figures of the kind */
export function planeGrid(landscape: LandscapeFigures, kind: ImagesKind, measure: Measure): PlaneGrid {
  const { directions, points } = landscape;
  if (directions.length !== 2) throw new ArgumentError("directions of the landscape", directions.length, "2");
  const alphas = ascending(points.map(({ at }) => at[0]!));
  const betas = ascending(points.map(({ at }) => at[1]!));
  const valueAt = new Map(points.map((point) => [`${point.at[0]} ${point.at[1]}`, point[kind]?.[measure]]));
  const values = betas.map((beta) => alphas.map((alpha) => valueAt.get(`${alpha} ${beta}`) ?? null));
  if (!isPlane(landscape, kind)) {
    const known = points.filter((point) => point[kind] !== undefined).length;
    throw new ArgumentError(`points of the landscape with ${kind} images`, known, "at least two along each direction");
  }
  return { alphas, betas, values };
}

function ascending(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
