import { contours } from "../data/contour";
import type { ImagesKind, Measure } from "../data/landscape-line";
import { type PlaneGrid, planeGrid } from "../data/plane-grid";
import type { LandscapeFigures } from "../run-figures";
import { shown } from "./encoding";
import { type Figure, figure, type View } from "./view";

export interface LandscapePlaneOptions {
  /** Which images' figures. @default "adversarial" */
  readonly kind?: ImagesKind;
  /** @default "loss" */
  readonly measure?: Measure;
  /** Whose landscape it is, for the title. */
  readonly name?: string;
}

/**
 * A two-dimensional weight-loss landscape as a heatmap with contours.
 *
 * @example
 * await writeFigure("plane.png", landscapePlane(runs[0]!.landscapes[0]!));
 * @throws ArgumentError where the landscape has not two directions or no figures of the kind
 */
export function landscapePlane(landscape: LandscapeFigures, options: LandscapePlaneOptions = {}): Figure {
  const { kind = "adversarial", measure = "loss", name } = options;
  const grid = planeGrid(landscape, kind, measure);
  const { epoch, split, attack, images, directions } = landscape;
  return figure({
    title: `Weight-loss landscape${name === undefined ? "" : ` of ${name}`}, epoch ${epoch}, ${split}`,
    subtitle: `α: ${directions[0]!}; β: ${directions[1]!}; attack: ${attack}; ${images} images, ${kind}`,
    views: [planeView(grid, measure)],
  });
}

function planeView(grid: PlaneGrid, measure: Measure): View {
  const title = measure === "loss" ? "loss (nats)" : "accuracy";
  const format = measure === "loss" ? ".3f" : ".1%";
  return {
    width: 360,
    height: 320,
    layer: [
      {
        data: { values: cells(grid) },
        mark: "rect",
        encoding: {
          x: { field: "left", ...axis("α") },
          x2: { field: "right" },
          y: { field: "below", ...axis("β", 0) },
          y2: { field: "above" },
          color: {
            field: "value",
            type: "quantitative",
            title,
            legend: { type: "gradient", format: format.replace("f", "~f") },
            scale: { zero: false, nice: false, range: "heatmap" },
          },
          tooltip: [shown("alpha", "α", ".3~f"), shown("beta", "β", ".3~f"), shown("value", title, format)],
        },
      },
      {
        data: { values: [...contours(grid, levelsOf(grid))] },
        mark: { type: "rule", color: "white", opacity: 0.55, strokeWidth: 1, aria: false, tooltip: false },
        encoding: {
          x: { field: "alpha", ...axis("α") },
          x2: { field: "alphaTo" },
          y: { field: "beta", ...axis("β", 0) },
          y2: { field: "betaTo" },
        },
      },
    ],
  };
}

const axis = (title: string, titleAngle?: number) => ({
  ...{ type: "quantitative", title, scale: { zero: false, nice: false } },
  axis: { grid: false, ...(titleAngle === undefined ? {} : { titleAngle }) },
});

/** A rectangle around each point, halfway to its neighbours and a trifle under the next one, so that no seam shows. */
function cells({ alphas, betas, values }: PlaneGrid) {
  const between = (at: readonly number[], i: number): number => (at[i]! + at[i + 1]!) / 2;
  const edges = (at: readonly number[], i: number) => {
    const before = i === 0 ? at[0]! - (at[1]! - at[0]!) / 2 : between(at, i - 1);
    const after = i === at.length - 1 ? at[i]! + (at[i]! - at[i - 1]!) / 2 : between(at, i);
    return [before, i === at.length - 1 ? after : after + (after - before) / 30] as const;
  };
  return betas.flatMap((beta, row) =>
    alphas.flatMap((alpha, column) => {
      const value = values[row]![column]!;
      const [left, right] = edges(alphas, column);
      const [below, above] = edges(betas, row);
      return value === null ? [] : [{ alpha, beta, value, left, right, below, above }];
    }),
  );
}

/** Ten levels, evenly between the least value and the largest. */
function levelsOf({ values }: PlaneGrid): readonly number[] {
  const known = values.flat().filter((value) => value !== null);
  const [least, most] = [Math.min(...known), Math.max(...known)];
  return Array.from({ length: 10 }, (_, i) => least + ((i + 1) * (most - least)) / 11);
}
