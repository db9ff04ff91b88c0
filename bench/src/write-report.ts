import { renameSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

/** Writes a report as JSON, relative to where npm was called; a reader or a kill never finds half of it. */
export function writeReport(file: string, report: unknown): void {
  const path = resolve(process.env["INIT_CWD"] ?? ".", file);
  writeFileSync(`${path}.part`, `${JSON.stringify(report, undefined, 2)}\n`);
  renameSync(`${path}.part`, path);
}
