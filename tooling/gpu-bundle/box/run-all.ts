import { mkdirSync, rmSync } from "node:fs";
import { archiveLogs, type Run, report } from "./report";
import { runSection, type SectionResult } from "./run-section";
import type { Section } from "./sections";

export interface RunOptions extends Omit<Run, "date" | "total" | "results"> {
  /** The folder of the results. */
  readonly out: string;
  /** A folder for the sections' logs and figures, emptied before. */
  readonly scratch: string;
  readonly python: string;
  readonly sectionSeconds: number;
  readonly totalSeconds: number;
}

/**
 * Runs the sections in turn, and reports them anew while one runs and after each: what ends the run from outside leaves
 * what there was. Returns their results.
 */
export async function runAll(sections: readonly Section[], options: RunOptions): Promise<SectionResult[]> {
  const { out, scratch, python, sectionSeconds, totalSeconds, ...about } = options;
  mkdirSync(out, { recursive: true });
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const deadline = performance.now() + totalSeconds * 1000;
  const results: SectionResult[] = [];
  const tell = (...running: SectionResult[]): void => {
    const run = { ...about, date: new Date().toISOString(), total: sections.length, results: [...results, ...running] };
    report(out, run, sections);
  };
  for (const section of sections) {
    const left = (deadline - performance.now()) / 1000;
    results.push(await runSection(section, scratch, Math.min(sectionSeconds, left), tell));
    tell();
    archiveLogs(out, scratch, python);
  }
  return results;
}
