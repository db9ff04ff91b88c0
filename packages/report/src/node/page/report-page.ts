import { requireRuns } from "../../data/require-runs";
import type { Figure, View } from "../../figure/view";
import type { RunFigures } from "../../run-figures";
import { colors, themes } from "../../theme/theme";
import { drawingScripts, styles } from "./assets";
import { escapeHtml, escapeJson } from "./escape";
import {
  accuracyDrawings,
  type Drawing,
  gapDrawings,
  landscapeDrawings,
  type Surface,
  trainingDrawings,
} from "./sections";
import { sheetHtml } from "./sheet";
import { accuraciesHtml, settingsHtml } from "./tables";

export interface ReportPageOptions {
  readonly title: string;
  /** One or more, each with a name of its own. What a run lacks is left out of the page. */
  readonly runs: readonly RunFigures[];
}

export interface FigurePageOptions {
  readonly title: string;
  readonly figures: readonly Figure[];
}

/** What the page's script draws: views by vega-lite, surfaces by plotly. */
interface Drawn {
  readonly views: View[];
  readonly surfaces: Surface[];
}

/**
 * A page about trainings, several side by side, as one HTML document that needs no network: settings, curves that can be
 * zoomed, accuracies under each attack, gaps, landscapes, images.
 *
 * @example
 * await writeFile("report.html", reportPage({ title: "AT and AT-AWP", runs }));
 * @throws ArgumentError where there is no run, two have one name or a sheet's images have another size than it says
 */
export function reportPage({ title, runs }: ReportPageOptions): string {
  requireRuns(runs);
  const drawn: Drawn = { views: [], surfaces: [] };
  const draw = (drawings: readonly Drawing[]): string =>
    drawings.map((drawing) => drawingHtml(drawing, drawn)).join("");
  const sheets = runs.flatMap(({ name, sheet }) => (sheet === undefined ? [] : [sheetHtml(name, sheet)]));
  const sections = [
    ["Settings", settingsHtml(runs)],
    ["Training", draw(trainingDrawings(runs))],
    ["Accuracy under attack", accuraciesHtml(runs) + draw(accuracyDrawings(runs))],
    ["Robust generalization gap", draw(gapDrawings(runs))],
    ["Weight-loss landscapes", draw(landscapeDrawings(runs))],
    ["Images", sheets.length === 0 ? "" : `<div class="sheets">${sheets.join("")}</div>`],
  ] as const;
  return documentHtml(title, sections, drawn);
}

/**
 * A page with figures alone, as one HTML document that needs no network.
 *
 * @example
 * const page = figurePage({ title: "AT and AT-AWP", figures: [trainingCurves(runs), accuracyByEpsilon(runs)] });
 * await writeFile("figures.html", page);
 */
export function figurePage({ title, figures }: FigurePageOptions): string {
  const drawn: Drawn = { views: [], surfaces: [] };
  return documentHtml(title, [["", figures.map((figure) => drawingHtml({ figure }, drawn)).join("")]], drawn);
}

function drawingHtml(drawing: Drawing, drawn: Drawn): string {
  const { figure } = drawing;
  const { text, subtitle } = figure.title as { text: string; subtitle?: readonly string[] };
  const views = figure.concat.map((view) => {
    const number = drawn.views.push(view) - 1;
    return `<div class="view" data-view="${number}"></div>`;
  });
  if ("surface" in drawing) {
    const number = drawn.surfaces.push(drawing.surface) - 1;
    const label = escapeHtml(`Surface of ${drawing.surface.title}: drag or use the arrow keys to turn it`);
    views.unshift(`<div class="surface" data-surface="${number}" role="img" tabindex="0" aria-label="${label}"></div>`);
  }
  const note = subtitle === undefined ? "" : `<span class="note">${escapeHtml(subtitle.join(" "))}</span>`;
  return (
    `<figure class="drawing"><figcaption><strong>${escapeHtml(text)}</strong>${note}</figcaption>` +
    `<div class="views">${views.join("")}</div></figure>`
  );
}

function documentHtml(title: string, sections: readonly (readonly [string, string])[], drawn: Drawn): string {
  const shown = sections.filter(([, html]) => html !== "");
  const idOf = (name: string): string => name.toLowerCase().replace(/\W+/g, "-");
  const links = shown.map(([name]) => `<a href="#${idOf(name)}">${name}</a>`).join("");
  const body = shown.map(([name, html]) =>
    name === "" ? html : `<section id="${idOf(name)}"><h2>${name}</h2>${html}</section>`,
  );
  const data = { themes, colors, ...drawn };
  const scripts = drawingScripts({ surfaces: drawn.surfaces.length > 0 });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${styles()}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<button id="theme" type="button" aria-pressed="false">Dark theme</button>
${shown.length > 1 ? `<nav aria-label="Sections">${links}</nav>` : ""}
</header>
<main>
${body.join("\n")}
<noscript><p>The figures of this page are drawn by scripts that it holds.</p></noscript>
</main>
<footer><p>Drag a plot to move it, Ctrl and the wheel or a pinch to zoom, a double click to go back.</p></footer>
<script type="application/json" id="drawn">${escapeJson(data)}</script>
${scripts.map((code) => `<script>${code}</script>`).join("\n")}
</body>
</html>
`;
}
