import { extname } from "node:path";
import { ArgumentError } from "@awp/core";
import { writeWhole } from "@awp/core/node";
import type { Figure } from "../figure/view";
import { figurePage } from "./page/report-page";
import { type PngOptions, renderPng, renderSvg } from "./render";

/**
 * Writes a figure into a file, as its name ends: `.svg`, `.png`, `.html` (a page that shows values under the pointer, in
 * both themes) or `.json` (the specification, for any tool that reads vega-lite).
 *
 * @example
 * await writeFigure("curves.svg", trainingCurves(runs));
 * await writeFigure("curves.html", trainingCurves(runs));
 * @throws ArgumentError where the name ends otherwise
 * @throws AwpError that names the file if it cannot be written; what was there before stays
 */
export async function writeFigure(path: string, figure: Figure, options: PngOptions = {}): Promise<void> {
  await writeWhole(path, await contents(path, figure, options));
}

async function contents(path: string, figure: Figure, options: PngOptions): Promise<string | Uint8Array> {
  switch (extname(path)) {
    case ".svg":
      return renderSvg(figure, options);
    case ".png":
      return renderPng(figure, options);
    case ".html":
      return figurePage({ title: (figure.title as { text: string }).text, figures: [figure] });
    case ".json":
      return `${JSON.stringify(figure, null, 2)}\n`;
    default:
      throw new ArgumentError("path", path, "a name that ends with .svg, .png, .html or .json");
  }
}
