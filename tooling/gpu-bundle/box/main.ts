/** Runs on the box, from the unpacked bundle: see the usage below. */
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { report } from "./report";
import { runSection, type SectionResult } from "./run-section";
import { sections } from "./sections";
import { hasGpu, system } from "./system";

const usage = `run.sh [--out DIR] [--only SECTION]... [--case NETWORK:BATCH]... [--figure NAME]... [--repeats N] [--threads N]
       [--section-seconds N] [--total-seconds N] [--list]

Builds the addon against the PyTorch of $PYTHON (python3), compares it with plain JavaScript and the golden files, times it
against PyTorch, runs TensorFlow.js's specs, and writes results.json, results.md and a log for each section to DIR.
A section that fails or runs out of time is recorded and the next one runs; the exit code is 1 if there was one.

--only names sections by how they begin: --only build --only "bench preactresnet18:128"; the addon, once built, stays.
--list prints the sections. Without a CUDA device everything runs on the CPU.
`;

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      out: { type: "string", default: "gpu-results" },
      only: { type: "string", multiple: true, default: [""] },
      case: { type: "string", multiple: true },
      figure: { type: "string", multiple: true, default: ["step", "all-gradients", "input-gradient", "forward"] },
      repeats: { type: "string", default: "5" },
      threads: { type: "string", default: `${availableParallelism()}` },
      "section-seconds": { type: "string", default: "540" },
      "total-seconds": { type: "string", default: "86400" },
      list: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return true;
  }
  const sectionSeconds = positive("section-seconds", values["section-seconds"]);
  const totalSeconds = positive("total-seconds", values["total-seconds"]);
  const box = system(process.env["PYTHON"] ?? "python3");
  const gpu = hasGpu(box);
  const out = resolve(process.env["INIT_CWD"] ?? ".", values.out);
  const { case: cases = gpu ? ["preactresnet18:128", "wrn-34-10:128"] : ["preactresnet18:4"], figure: figures } =
    values;
  const { repeats, threads, only } = values;
  const all = sections({ out, gpu, cases, figures, repeats, threads });
  const chosen = all.filter(({ name }) => only.some((beginning) => name.startsWith(beginning)));
  if (chosen.length === 0) throw new Error(`--only: no section begins with ${only.join(" or ")}; --list prints them`);
  if (values.list === true) {
    process.stdout.write(`${chosen.map(({ name }) => name).join("\n")}\n`);
    return true;
  }

  mkdirSync(out, { recursive: true });
  for (const [what, value] of Object.entries(box)) process.stdout.write(`${what.padEnd(10)} ${value ?? "none"}\n`);
  const { commit } = JSON.parse(readFileSync("manifest.json", "utf8")) as { commit: string };
  const deadline = performance.now() + totalSeconds * 1000;
  const results: SectionResult[] = [];
  for (const section of chosen) {
    const left = (deadline - performance.now()) / 1000;
    results.push(await runSection(section, out, Math.min(sectionSeconds, left)));
    // Anew after each section: what ends the run from outside leaves what there was.
    report(out, { date: new Date().toISOString(), commit, system: box, results }, chosen);
  }
  const bad = results.filter(({ status }) => status !== "ok");
  process.stdout.write(`\n${results.length - bad.length} ok, ${bad.length} not; results in ${out}\n`);
  for (const { name, status } of bad) process.stdout.write(`  ${name}: ${status}\n`);
  return bad.length === 0;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${option}: got ${text}, wanted a positive number`);
  return value;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
