import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { escapeScript } from "./escape";

const { resolve } = createRequire(import.meta.url);

/** The scripts that draw in a page, from the packages that this one depends on: nothing is fetched from a network. */
export function drawingScripts({ surfaces }: { readonly surfaces: boolean }): readonly string[] {
  const paths = [
    join(dirname(resolve("vega")), "vega.min.js"),
    join(dirname(resolve("vega-lite")), "vega-lite.min.js"),
    ...(surfaces ? [resolve("plotly.js-gl3d-dist-min")] : []),
    pageFile("page.js"),
  ];
  return paths.map((path) => escapeScript(readFileSync(path, "utf8")));
}

export function styles(): string {
  return readFileSync(pageFile("page.css"), "utf8");
}

/** A file of the page, which lies in `src` also where this module has been built. */
function pageFile(name: string): string {
  return join(dirname(resolve("@awp/report/package.json")), "src/node/page", name);
}
