import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { backendUnderTest } from "./backend";
import { bundleSpecs } from "./bundle";
import { compare } from "./comparison";
import { exceptions } from "./exceptions";
import { referenceFailures, shortfall, table } from "./report";
import { count } from "./result";
import { runBackend } from "./run-backend";

const usage = `npm run spec -w @awp/backend-torch -- [--backend NAME[=MODULE]] [--filter REGEXP] [--json FILE]

Runs tfjs-core's own specs on a backend (torch) and on the reference, cpu, and lists what passes there and not here.
Fails if such a spec is not in spec/exceptions.ts, or one that is there passes.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backend: { type: "string", default: "torch" },
      filter: { type: "string" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) return void process.stdout.write(usage);
  const { backend, filter, json } = values;
  const { name } = backendUnderTest(backend);
  if (filter !== undefined) new RegExp(filter); // a bad one fails here, not in each child

  const bundle = await bundleSpecs();
  const reference = await runBackend("cpu", bundle, filter);
  const results = name === "cpu" ? [reference] : [reference, await runBackend(backend, bundle, filter)];
  process.stdout.write(`${table(results)}\n`);
  if (json !== undefined) {
    const file = resolve(process.env["INIT_CWD"] ?? ".", json);
    writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  }

  const tested = results.at(-1)!;
  const comparison = compare(reference, tested, name === "torch" ? exceptions : [], filter !== undefined);
  process.stdout.write(`${referenceFailures(reference)}\n${shortfall(name, comparison)}\n`);
  if (count(reference, "passed") === 0) throw new Error("no spec passed on cpu: there is nothing to hold to");
  if (comparison.failures.length + comparison.stale.length > 0) process.exitCode = 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
