import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import type { TopLevelSpec } from "vega-lite";
import type { Figure } from "../figure/view";
import { type ThemeName, themes } from "../theme/theme";

export interface SvgOptions {
  /** @default "light" */
  readonly theme?: ThemeName;
  /** The width of each view of the figure, in pixels; its own where none is given. */
  readonly width?: number;
}

export interface PngOptions extends SvgOptions {
  /** Pixels of the picture for each of the figure. @default 2 */
  readonly scale?: number;
}

/**
 * The figure as a document of SVG, with its values in the marks' aria labels.
 *
 * @example
 * await writeFile("curves.svg", await renderSvg(trainingCurves(runs), { width: 400 }));
 */
export async function renderSvg(figure: Figure, { theme = "light", width }: SvgOptions = {}): Promise<string> {
  // By import, which waits: vega has an await at its top level, which no require can load.
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const sized = width === undefined ? figure : { ...figure, concat: figure.concat.map((view) => ({ ...view, width })) };
  const { spec } = compile(sized as unknown as TopLevelSpec, {
    config: themes[theme],
    logger: vega.logger(vega.Error),
  });
  useWidthsOfDejaVu(vega);
  const view = new vega.View(vega.parse(spec), { renderer: "none", logger: vega.logger(vega.Error) });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * The figure as the bytes of a PNG file. Its text is in DejaVu Sans, which comes with this package's dependencies.
 *
 * @example
 * await writeFile("curves.png", await renderPng(trainingCurves(runs), { scale: 3, theme: "dark" }));
 */
export async function renderPng(figure: Figure, { scale = 2, ...options }: PngOptions = {}): Promise<Uint8Array> {
  const svg = await renderSvg(figure, options);
  const font = { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: "DejaVu Sans" };
  return new Resvg(svg, { font, fitTo: { mode: "zoom", value: scale } }).render().asPng();
}

function fontFiles(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => resolve(`dejavu-fonts-ttf/ttf/${file}`));
}

/** Has vega reckon with the letters of DejaVu Sans: where there is no canvas it takes each for 0.8 em wide, a third too much. */
function useWidthsOfDejaVu(vega: object): void {
  const { textMetrics } = vega as { textMetrics: TextMetrics };
  textMetrics.width = (item, text) => {
    const value = `${text ?? item.text ?? ""}`;
    const em = item.fontWeight === undefined || item.fontWeight === "normal" ? 0.6 : 0.68;
    return Math.round(em * value.length * (item.fontSize ?? 11));
  };
}

/** What of vega's measure of text is set: its types leave it out. */
interface TextMetrics {
  width: (item: TextItem, text?: string | number) => number;
}

interface TextItem {
  readonly text?: string | number;
  readonly fontSize?: number;
  readonly fontWeight?: string | number;
}
