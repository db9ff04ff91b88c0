import type { PlaneGrid } from "./plane-grid";

/** A piece of a contour, inside one cell of the grid. */
export interface ContourSegment {
  readonly level: number;
  readonly alpha: number;
  readonly beta: number;
  readonly alphaTo: number;
  readonly betaTo: number;
}

interface Corner {
  readonly alpha: number;
  readonly beta: number;
  readonly value: number;
}

/**
 * Contours at the levels, linear between the grid's points: each cell is four triangles around its centre, so that a line
 * crosses a triangle once or not at all. Cells with an unknown corner have none.
 */
export function contours({ alphas, betas, values }: PlaneGrid, levels: readonly number[]): readonly ContourSegment[] {
  return betas.slice(1).flatMap((_, row) =>
    alphas.slice(1).flatMap((__, column) => {
      const corners = [
        [0, 0],
        [0, 1],
        [1, 1],
        [1, 0],
      ].map(([down = 0, right = 0]) => ({
        alpha: alphas[column + right]!,
        beta: betas[row + down]!,
        value: values[row + down]![column + right]!,
      }));
      if (corners.some(({ value }) => value === null)) return [];
      const centre = mean(corners);
      return corners.flatMap((corner, i) =>
        levels.flatMap((level) => crossing([corner, corners[(i + 1) % 4]!, centre], level)),
      );
    }),
  );
}

function crossing(triangle: readonly [Corner, Corner, Corner], level: number): readonly ContourSegment[] {
  const ends = triangle.flatMap((from, i) => {
    const to = triangle[(i + 1) % 3]!;
    if (from.value < level === to.value < level) return [];
    const share = (level - from.value) / (to.value - from.value);
    return [{ alpha: from.alpha + share * (to.alpha - from.alpha), beta: from.beta + share * (to.beta - from.beta) }];
  });
  const [from, to] = ends;
  return from === undefined || to === undefined ? [] : [{ level, ...from, alphaTo: to.alpha, betaTo: to.beta }];
}

function mean(corners: readonly Corner[]): Corner {
  const of = (part: keyof Corner) => corners.reduce((sum, corner) => sum + corner[part], 0) / corners.length;
  return { alpha: of("alpha"), beta: of("beta"), value: of("value") };
}
