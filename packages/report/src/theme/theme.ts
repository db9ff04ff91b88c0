import type { Json } from "../json";

/** What a figure is drawn for. */
export type ThemeName = "light" | "dark";

/** The colours of a theme. */
export interface Colors {
  readonly background: string;
  readonly text: string;
  /** Axis labels, subtitles and what else is read second. */
  readonly muted: string;
  readonly grid: string;
  /** Names, in the order in which they take them: the hues of Okabe and Ito, as dark or bright as the background needs. */
  readonly category: readonly string[];
  /** Numbers, ascending: viridis, as far as it stands out from the background. */
  readonly sequential: { readonly scheme: "viridis"; readonly extent: readonly [number, number] };
}

/** The colours of both themes: names stand 3 to 1 and text 4.5 to 1 from the background or further, as WCAG 2 asks. */
export const colors: Readonly<Record<ThemeName, Colors>> = {
  light: {
    background: "#ffffff",
    text: "#1b1f24",
    muted: "#57606a",
    grid: "#e6e8eb",
    category: ["#0072b2", "#d55e00", "#009e73", "#aa4a85", "#222222", "#2f9ad0", "#8f6a00"],
    sequential: { scheme: "viridis", extent: [0, 0.8] },
  },
  dark: {
    background: "#14181d",
    text: "#e8eaed",
    muted: "#a3abb5",
    grid: "#2b3138",
    category: ["#56b4e9", "#f0803c", "#22b68c", "#dd94be", "#e4e7ea", "#7d9bff", "#f0e442"],
    sequential: { scheme: "viridis", extent: [0.3, 1] },
  },
};

/** The configuration of each theme, for `vega-lite` and `vega-embed`: `compile(figure, { config: themes.dark })`. */
export const themes: Readonly<Record<ThemeName, Json>> = { light: config(colors.light), dark: config(colors.dark) };

function config({ background, text, muted, grid, category, sequential }: Colors): Json {
  const ramp = { scheme: sequential.scheme, extent: [...sequential.extent] };
  return {
    background,
    font: "DejaVu Sans, Verdana, Helvetica, sans-serif",
    padding: 12,
    title: {
      // At one height over each plot, whatever the labels of its axis need.
      orient: "none",
      anchor: "start",
      baseline: "bottom",
      dy: -20,
      color: text,
      fontSize: 14,
      fontWeight: 600,
      offset: 10,
      frame: "group",
      subtitleColor: muted,
      subtitleFontSize: 12,
      subtitlePadding: 6,
    },
    axis: {
      labelColor: muted,
      labelFontSize: 11,
      titleColor: text,
      titleFontSize: 12,
      titleFontWeight: "normal",
      titlePadding: 8,
      gridColor: grid,
      domainColor: muted,
      tickColor: muted,
      labelFlush: false,
      labelOverlap: true,
      tickCount: 6,
    },
    legend: {
      orient: "bottom",
      labelColor: text,
      labelFontSize: 12,
      labelLimit: 360,
      titleColor: muted,
      titleFontSize: 12,
      titleFontWeight: "normal",
      symbolStrokeWidth: 2.5,
      symbolSize: 260,
      symbolOpacity: 1,
      symbolBaseFillColor: muted,
      symbolBaseStrokeColor: muted,
      gradientLength: 180,
      gradientThickness: 10,
      columnPadding: 18,
      layout: { margin: 28 },
    },
    line: { strokeWidth: 2, strokeJoin: "round", strokeCap: "butt" },
    rule: { color: muted },
    text: { color: text, fontSize: 12 },
    view: { stroke: null },
    // What is neither of two named things, such as the difference between them.
    style: { difference: { color: category[2]! } },
    range: { category: [...category], ramp, ordinal: ramp, heatmap: { scheme: "viridis" } },
  };
}
