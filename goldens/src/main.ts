import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type BackendName, useBackend } from "@awp/core";
import { goldensFolder } from "@awp/testing";
import { line, passes, summary } from "./report";
import { type FileResult, runGoldens } from "./run";

const usage = `npm run goldens -- [--dir DIR] [--backend NAME]

Compares this library with the golden files in DIR (default: the project's own), on a backend (default: wasm).
Exits with 1 when a figure is beyond its tolerance or a file is malformed.`;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: { dir: { type: "string" }, backend: { type: "string", default: "wasm" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    console.log(usage);
    return true;
  }
  const directory =
    values.dir === undefined ? goldensFolder : resolve(process.env["INIT_CWD"] ?? process.cwd(), values.dir);
  const { name, device } = await useBackend(values.backend as BackendName);
  // TF32, a GPU's default in convolutions, is beyond the tolerances.
  if (name === "torch") (await import("@awp/backend-torch")).setPrecision({ tf32: { convolution: false } });
  console.log(`${directory} on ${name} (${device})`);

  const results: FileResult[] = [];
  for await (const result of runGoldens(directory)) {
    console.log(line(result));
    results.push(result);
  }
  console.log(summary(results));
  return results.every(passes);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
