import { bands, type BandPoint, type LandscapePoint } from "@awp/landscape";
import { percent, table } from "../terminal/table";

const kinds = { clean: "clean", adversarial: "adversarial", pregenerated: "pre-generated" } as const;

/** Lines of one network as text: losses and accuracies of each kind of images at each α, the mean over several lines. */
export function lineTable(landscapes: readonly (readonly LandscapePoint[])[]): string {
  const points = bands(landscapes.map((points) => ({ points })));
  const shown = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => points[0]?.[kind] !== undefined);
  const several = landscapes.length > 1;
  return table([
    ["α", ...shown.flatMap((kind) => [`${kinds[kind]} loss`, "accuracy"])],
    ...points.map((point) => [position(point.at), ...shown.flatMap((kind) => cells(point, kind, several))]),
  ]);
}

function cells(point: BandPoint, kind: keyof typeof kinds, several: boolean): readonly string[] {
  const figures = point[kind];
  if (figures === undefined) return ["", ""];
  const { loss, accuracy } = figures;
  const deviation = several ? ` ± ${number(loss.deviation)}` : "";
  return [`${number(loss.mean)}${deviation}`, percent(accuracy.mean)];
}

/** A plane as text: the adversarial losses, or without an attack the clean ones, α down and β across. */
export function planeTable(points: readonly LandscapePoint[]): string {
  const across = [...new Set(points.map(({ at }) => at[1] as number))];
  const down = [...new Set(points.map(({ at }) => at[0] as number))];
  const lossAt = (alpha: number, beta: number): string => {
    const found = points.find(({ at }) => at[0] === alpha && at[1] === beta);
    return number((found?.adversarial ?? found?.clean)?.loss ?? Number.NaN);
  };
  return table([
    ["loss at α, β", ...across.map((beta) => position([beta]))],
    ...down.map((alpha) => [position([alpha]), ...across.map((beta) => lossAt(alpha, beta))]),
  ]);
}

const number = (value: number): string => (Math.abs(value) >= 1000 ? value.toExponential(2) : value.toFixed(3));

const position = ([alpha = 0]: readonly number[]): string => `${Number(alpha.toPrecision(4))}`;
