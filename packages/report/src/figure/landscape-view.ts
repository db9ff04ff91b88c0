import type { LandscapeLine, Measure } from "../data/landscape-line";
import type { Json } from "../json";
import { accuracyAxis, shown } from "./encoding";
import type { View } from "./view";

export interface LandscapeViewOptions {
  readonly title: string;
  readonly lines: readonly LandscapeLine[];
  /** How lines are told apart, by fields of the rows. */
  readonly encoding: { readonly color?: Json; readonly strokeDash?: Json };
  /** What a line is called, and what else its rows have. */
  readonly rowOf: (line: LandscapeLine) => { readonly series: string } & Readonly<Record<string, string | number>>;
  readonly measure?: Measure | undefined;
  readonly relative?: boolean | undefined;
}

/** Lines of weight-loss landscapes over α, each with its band of one standard deviation where it is a mean. */
export function landscapeView({
  title,
  lines,
  encoding,
  rowOf,
  measure = "loss",
  relative = false,
}: LandscapeViewOptions): View {
  const rows = lines.flatMap((line) => {
    const { run, epoch, split, attack, direction, count, kind } = line;
    const about = { run, epoch, split, attack, direction, directions: count, kind, ...rowOf(line) };
    return line.points.map((point) => ({ ...about, ...point }));
  });
  const y = { title: yTitle(measure, relative), ...(measure === "loss" ? {} : { axis: accuracyAxis("").axis }) };
  const format = measure === "loss" ? ".4f" : ".1%";
  const detail = [
    { field: "series", type: "nominal" },
    { field: "kind", type: "nominal" },
  ];
  const band = {
    transform: [{ filter: "datum.directions > 1" }],
    mark: { type: "area", opacity: 0.18, tooltip: false, aria: false },
    encoding: { y: { field: "low" }, y2: { field: "high" }, color: encoding.color },
  };
  const line = {
    mark: { type: "line", point: "transparent" },
    encoding: {
      y: { field: "mean" },
      ...encoding,
      tooltip: [
        shown("series", "line"),
        shown("alpha", "α", ".4~f"),
        shown("mean", relative ? `${measure} − ${measure} at α = 0` : measure, format),
        ...(lines.some(({ count }) => count > 1)
          ? [shown("low", "mean − deviation", format), shown("high", "mean + deviation", format)]
          : []),
        shown("attack", "attack"),
        shown("direction", "direction"),
        shown("directions", "directions", "d"),
      ],
    },
  };
  return {
    title,
    data: { values: rows },
    encoding: {
      x: { field: "alpha", type: "quantitative", title: "α, steps along the direction", scale: { nice: false } },
      y: { type: "quantitative", scale: { zero: false }, ...y },
      detail,
    },
    layer: [...(lines.some(({ count }) => count > 1) ? [band] : []), line],
  };
}

/** What all of the lines are of, for a subtitle: direction, attack, images. */
export function landscapeWords(lines: readonly LandscapeLine[]): string {
  const each = (part: (line: LandscapeLine) => string | number): string => [...new Set(lines.map(part))].join(" or ");
  const most = Math.max(...lines.map(({ count }) => count));
  const band = most > 1 ? [`mean ± one standard deviation over ${each(({ count }) => count)} directions`] : [];
  return [
    `direction: ${each(({ direction }) => direction)}`,
    `attack: ${each(({ attack }) => attack)}`,
    `${each(({ images }) => images)} images`,
    ...band,
  ].join("; ");
}

function yTitle(measure: Measure, relative: boolean): string {
  if (measure === "accuracy") return relative ? "Accuracy, less that at α = 0" : "Accuracy";
  return relative ? "g(α) − g(0) (nats)" : "Loss g(α) (nats)";
}
