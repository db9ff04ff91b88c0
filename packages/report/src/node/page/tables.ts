import type { AccuracyFigures, RunFigures } from "../../run-figures";
import { escapeHtml } from "./escape";

/** The settings of the runs side by side: where they differ first, what they have in common folded away. */
export function settingsHtml(runs: readonly RunFigures[]): string {
  const paths = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))];
  if (paths.length === 0) return "";
  const row = (path: string): string[] => [path, ...runs.map(({ settings }) => settingText(settings[path]))];
  const differing = paths.filter((path) => new Set(row(path).slice(1)).size > 1);
  const same = paths.filter((path) => !differing.includes(path));
  const heads = ["setting", ...runs.map(({ name }) => name)];
  const common =
    same.length === 0
      ? ""
      : `<details${differing.length === 0 ? " open" : ""}><summary>${same.length} settings ` +
        `${runs.length > 1 ? "that all runs share" : ""}</summary>` +
        `${tableHtml(
          "Shared settings",
          ["setting", "value"],
          same.map((path) => row(path).slice(0, 2)),
        )}</details>`;
  return (
    (differing.length === 0 ? "" : tableHtml("Settings that differ", heads, differing.map(row), "differing")) + common
  );
}

/** Accuracy under each attack, the runs side by side, the attacks in rows. */
export function accuraciesHtml(runs: readonly RunFigures[]): string {
  const keyOf = ({ split, attack, epsilon }: AccuracyFigures): string => JSON.stringify([split, attack, epsilon]);
  const all = new Map(
    runs.flatMap(({ accuracies }) => accuracies.map((figures) => [keyOf(figures), figures] as const)),
  );
  if (all.size === 0) return "";
  const rows = [...all].map(([key, { split, attack, epsilon }]) => {
    const cells = runs.map(({ accuracies }) => {
      const found = accuracies.find((figures) => keyOf(figures) === key);
      return found === undefined ? "" : `${(100 * found.accuracy).toFixed(2)} %`;
    });
    const images = [
      ...new Set(runs.flatMap((run) => run.accuracies.filter((f) => keyOf(f) === key)).map((f) => f.images)),
    ];
    return [split, attack, epsilonText(epsilon), ...cells, images.join(" or ")];
  });
  const heads = ["split", "attack", "ε", ...runs.map(({ name }) => name), "images"];
  return tableHtml("Accuracy under each attack", heads, rows, "numbers");
}

/** A table that scrolls by itself where it is too wide. The first cell of a row is its head. */
function tableHtml(caption: string, heads: readonly string[], rows: readonly (readonly string[])[], kind = ""): string {
  const head = heads.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join("");
  const body = rows
    .map(([first = "", ...rest]) => {
      const cells = rest.map((text) => `<td>${escapeHtml(text)}</td>`).join("");
      return `<tr><th scope="row">${escapeHtml(first)}</th>${cells}</tr>`;
    })
    .join("");
  return (
    `<div class="scroll" role="region" aria-label="${escapeHtml(caption)}" tabindex="0"><table class="${kind}">` +
    `<caption>${escapeHtml(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`
  );
}

function settingText(value: string | number | boolean | null | undefined): string {
  if (value === undefined || value === null) return "—";
  return typeof value === "number" && !Number.isInteger(value) ? (in255ths(value) ?? String(value)) : String(value);
}

function epsilonText(epsilon: number): string {
  return epsilon === 0 ? "0" : (in255ths(epsilon) ?? epsilon.toPrecision(3));
}

function in255ths(value: number): string | undefined {
  const levels = Math.round(value * 255);
  return levels > 0 && Math.abs(levels / 255 - value) < 1e-9 ? `${levels}/255` : undefined;
}
