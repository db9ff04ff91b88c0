/** Runs on the box, from the unpacked bundle: see the usage below. */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runAll } from "./run-all";
import { quickSections, sections } from "./sections";
import { hasGpu, system } from "./system";

const usage = `run.sh [quick] [--out DIR] [--only SECTION]... [--case NETWORK:BATCH]... [--figure NAME]... [--repeats N]
       [--threads N] [--section-seconds N] [--total-seconds N] [--cpu] [--list]

Builds the addon against the PyTorch of $PYTHON (python3), compares it with plain JavaScript and the golden files, times it
against PyTorch, runs TensorFlow.js's specs, and writes results.json, results.md and logs.tar.gz to DIR, anew after each
section and while one runs. A section that fails or runs out of time is recorded and the next one runs; the exit code is 1
if there was one.

quick builds, compares replays with the same calls as they are, and times one step, within nine minutes.
--only names sections by how they begin: --only build --only "bench preactresnet18:128"; the addon, once built, stays.
--list prints the sections. --cpu hides the GPU; without a CUDA device everything runs on the CPU.
`;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: "string", default: "gpu-results" },
      only: { type: "string", multiple: true, default: [""] },
      case: { type: "string", multiple: true },
      figure: { type: "string", multiple: true, default: ["step", "all-gradients", "input-gradient", "forward"] },
      repeats: { type: "string", default: "5" },
      threads: { type: "string", default: `${availableParallelism()}` },
      "section-seconds": { type: "string", default: "540" },
      "total-seconds": { type: "string" },
      cpu: { type: "boolean" },
      list: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return true;
  }
  const [preset, ...more] = positionals;
  if ((preset !== undefined && preset !== "quick") || more.length > 0) {
    throw new Error(`got ${positionals.join(" ")}, wanted quick or nothing; --help explains`);
  }
  const sectionSeconds = positive("section-seconds", values["section-seconds"]);
  const totalSeconds = positive("total-seconds", values["total-seconds"] ?? (preset === "quick" ? "520" : "86400"));
  if (values.cpu === true) process.env["CUDA_VISIBLE_DEVICES"] = "";
  const python = process.env["PYTHON"] ?? "python3";
  const box = system(python);
  const gpu = hasGpu(box);
  const out = resolve(process.env["INIT_CWD"] ?? ".", values.out);
  const scratch = resolve("logs");
  const { case: cases = gpu ? ["preactresnet18:128", "wrn-34-10:128"] : ["preactresnet18:4"], figure: figures } =
    values;
  const { repeats, threads, only } = values;
  const list = preset === "quick" ? quickSections : sections;
  const all = list({ scratch, gpu, cases, figures, repeats, threads });
  const chosen = all.filter(({ name }) => only.some((beginning) => name.startsWith(beginning)));
  if (chosen.length === 0) throw new Error(`--only: no section begins with ${only.join(" or ")}; --list prints them`);
  if (values.list === true) {
    process.stdout.write(`${chosen.map(({ name }) => name).join("\n")}\n`);
    return true;
  }

  for (const [what, value] of Object.entries(box)) process.stdout.write(`${what.padEnd(10)} ${value ?? "none"}\n`);
  const { commit } = JSON.parse(readFileSync("manifest.json", "utf8")) as { commit: string };
  const results = await runAll(chosen, { out, scratch, python, sectionSeconds, totalSeconds, commit, system: box });
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
