import { AwpError, type BackendName, useBackend } from "@awp/core";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { download } from "./download";
import { loadImages } from "./images";
import { progress } from "./progress";
import { earlierRun, newRun } from "./run-folder";
import { parseCommandLine, usage } from "./settings";
import { table } from "./table";
import { trainBoth } from "./train-both";

/** Trains with AT and with AT-AWP from the same start and compares how robust both are on train and test. */
async function main(): Promise<void> {
  // npm runs scripts in the package's folder; paths on the command line are meant from where the user stands.
  const from = process.env["INIT_CWD"] ?? process.cwd();
  const {
    settings: asked,
    backend: choice,
    output,
    resume,
    jobs: askedJobs,
    download: wanted,
    help,
  } = parseCommandLine(process.argv.slice(2), from);
  if (help) return void process.stdout.write(usage);

  const backend = await useBackend(choice as BackendName | undefined);
  const runs = join(from, "runs");
  const earlier = asked === undefined ? await earlierRun(runs, output) : undefined;
  const settings = asked ?? (earlier as NonNullable<typeof earlier>).settings;
  if (wanted && settings.data !== null) await download(settings.data);
  const { title, train, test } = await loadImages(settings);
  const folder = earlier?.folder ?? (await newRun(runs, output, settings));
  const jobs = askedJobs ?? (backend.name === "wasm" || backend.name === "cpu" ? 2 : 1);
  process.stdout.write(
    `backend ${backend.name}: ${backend.device} (${backend.reason})\n` +
      `${title}: ${train.indices.length} train, ${test.indices.length} test\n` +
      `${settings.model}, ${settings.epochs} epochs, PGD-${settings.steps}, γ = ${settings.gamma}; kept in ${folder}\n\n`,
  );

  const bar = progress(settings.epochs);
  const results = await trainBoth(
    (method) => ({ method, settings, backend: backend.name, directory: join(folder, method), resume }),
    jobs,
    (method, event) => bar.show(method, event),
  );
  await writeFile(join(folder, "results.json"), `${JSON.stringify({ backend, settings, results }, null, 2)}\n`);
  process.stdout.write(
    `\nThe last epoch's weights, ℓ∞ 8/255; the robust gap is PGD-20 on train less PGD-20 on test.\n\n${table(results)}\n`,
  );
}

await main().catch((error: unknown) => {
  if (!AwpError.is(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
