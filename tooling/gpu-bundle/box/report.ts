import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SectionResult } from "./run-section";
import type { Section } from "./sections";
import type { System } from "./system";

export interface Run {
  readonly date: string;
  /** The commit of the sources. */
  readonly commit: string;
  readonly system: System;
  readonly results: readonly SectionResult[];
}

/** Writes `results.json` and `results.md`. */
export function report(out: string, run: Run, sections: readonly Section[]): void {
  const results = run.results.map((result) => {
    const file = sections.find(({ name }) => name === result.name)?.json;
    return file !== undefined && existsSync(file)
      ? { ...result, figures: JSON.parse(readFileSync(file, "utf8")) as unknown }
      : result;
  });
  writeFileSync(join(out, "results.json"), `${JSON.stringify({ ...run, results }, undefined, 2)}\n`);
  writeFileSync(join(out, "results.md"), markdown(run));
}

function markdown({ date, commit, system, results }: Run): string {
  const box = Object.entries(system).map(([what, value]) => `| ${what} | ${value ?? "none"} |`);
  const overview = results.map(({ name, status, seconds }) => `| ${name} | ${status} | ${seconds.toFixed(1)} |`);
  const outputs = results
    .filter(({ output }) => output !== "")
    .flatMap(({ name, output }) => [`## ${name}`, "", "```", tail(output), "```", ""]);
  return [
    `# ${date}, commit ${commit}`,
    "",
    ...["| box | |", "|---|---|", ...box, ""],
    ...["| section | | s |", "|---|---|--:|", ...overview, ""],
    ...outputs,
  ].join("\n");
}

/** What a program says last is its result, or its error. */
function tail(output: string): string {
  return output.trimEnd().split("\n").slice(-60).join("\n");
}
