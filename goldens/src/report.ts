import { type Figure, isWithin, worst } from "./findings";
import type { FileResult } from "./run";

export type Verdict = "ok" | "FAIL" | "ERROR" | "skipped" | "not yet";

export function verdict({ figures, missing, error }: FileResult): Verdict {
  if (error !== undefined) return "ERROR";
  if (!figures.every(isWithin)) return "FAIL";
  if (missing !== undefined) return "skipped";
  return figures.length > 0 ? "ok" : "not yet";
}

/** One line about a file: the figure that is worst for its tolerance, and what is not covered yet. */
export function line(result: FileResult): string {
  const { file, figures, notYet, notes, missing, error, seconds } = result;
  const parts: string[] = [];
  if (error !== undefined) parts.push(error);
  if (missing !== undefined) parts.push(`needs ${missing}`);
  const worstFigure = worst(figures);
  if (worstFigure !== undefined) parts.push(`${figures.length} figures, worst ${shown(worstFigure)}`);
  parts.push(...notes);
  if (notYet.length > 0) parts.push(`not yet: ${notYet.join(", ")}`);
  return `${verdict(result).padEnd(8)}${file.padEnd(42)}${parts.join("; ")} (${seconds.toFixed(1)} s)`;
}

/** How many files came out how. */
export function summary(results: readonly FileResult[]): string {
  const verdicts = results.map(verdict);
  const counts = [...new Set(verdicts)].map((one) => `${verdicts.filter((other) => other === one).length} ${one}`);
  const figures = results.reduce((count, result) => count + result.figures.length, 0);
  const notYet = results.reduce((count, result) => count + result.notYet.length, 0);
  return `${results.length} files: ${counts.join(", ")}; ${figures} figures compared, ${notYet} not yet covered`;
}

export const passes = (result: FileResult): boolean => !["FAIL", "ERROR"].includes(verdict(result));

function shown({ name, deviation, tolerance }: Figure): string {
  return `${name}: ${number(deviation)}, tolerance ${number(tolerance)}`;
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toExponential(1);
}
