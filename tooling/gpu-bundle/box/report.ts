import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SectionResult } from "./run-section";
import type { Section } from "./sections";
import type { System } from "./system";

export interface Run {
  readonly date: string;
  /** The commit of the sources. */
  readonly commit: string;
  readonly system: System;
  /** How many sections there are to run. */
  readonly total: number;
  /** Those that have run, and the one that runs. */
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
  replace(join(out, "results.json"), `${JSON.stringify({ ...run, results }, undefined, 2)}\n`);
  replace(join(out, "results.md"), markdown(run));
}

const archiver = `import sys, tarfile
with tarfile.open(sys.argv[1], "w:gz") as archive: archive.add(sys.argv[2], "logs")`;

/** Writes `logs.tar.gz` of what the sections left in the folder; by Python, as tar is not on every box. */
export function archiveLogs(out: string, folder: string, python: string): void {
  const file = join(out, "logs.tar.gz");
  const { status, stderr } = spawnSync(python, ["-c", archiver, partOf(file), folder], { encoding: "utf8" });
  if (status === 0) renameSync(partOf(file), file);
  else process.stderr.write(`no logs.tar.gz: ${stderr}\n`);
}

/** Writes a file that has its name only when it is whole: the run may be killed at any time. */
function replace(file: string, text: string): void {
  writeFileSync(partOf(file), text);
  renameSync(partOf(file), file);
}

const partOf = (file: string): string => `${file}.part`;

function markdown({ date, commit, system, total, results }: Run): string {
  const box = Object.entries(system).map(([what, value]) => `| ${what} | ${value ?? "none"} |`);
  const overview = results.map(({ name, status, seconds }) => `| ${name} | ${status} | ${seconds.toFixed(1)} |`);
  const outputs = results
    .filter(({ output }) => output !== "")
    .flatMap(({ name, output }) => [`## ${name}`, "", "```", tail(output), "```", ""]);
  return [
    `# ${date}, commit ${commit}`,
    "",
    `${results.filter(({ status }) => status !== "running").length} of ${total} sections have run.`,
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
