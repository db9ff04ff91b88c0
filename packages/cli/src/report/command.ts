import { basename, join, resolve } from "node:path";
import { AwpError, type BackendName, useBackend } from "@awp/core";
import { Command, Option } from "@commander-js/extra-typings";
import type { RunFigures } from "@awp/report";
import { writeWhole } from "@awp/core/node";
import type { CommandContext } from "../command-context";
import { integer } from "../options/parsers";
import { backendOption, quietOption } from "../options/shared";
import { type ReadRun, readRuns } from "../runs/read-runs";
import { type Progress, progressOn } from "../terminal/progress";
import { printLine } from "../terminal/terminal";
import { openFile } from "./open-file";

const examples = `
RUN is the folder of a run, runs/train-3, or of one training in it, runs/train-3/at/seed-1; all are shown side by side.

The page has what lies in the folders: metrics, results.json, landscapes/*.json of awp landscape, evaluation*.json of
awp evaluate --json. What is not there is left out.

Examples:
  awp report runs/train-3 --open
  awp report runs/train-3/at/seed-1 runs/train-4/at-awp/seed-1 --output compared.html
  awp evaluate runs/train-3/at/seed-1/best/epoch-0018/model.safetensors --network small-cnn --data data \\
    --json runs/train-3/at/seed-1/evaluation.json`;

/** `awp report`: one page about one or several runs. */
export function reportCommand({ terminal }: CommandContext) {
  return new Command("report")
    .description("Write one HTML page about runs: settings, curves, accuracies, landscapes, images.")
    .argument("<runs...>", "folders of runs or of trainings")
    .option("--output <file>", "the page (report.html in the first RUN)")
    .addOption(
      new Option("--images <n>", "test images that each network is shown, clean and attacked")
        .argParser(integer(0))
        .default(8),
    )
    .option("--open", "show the page in the browser")
    .addOption(backendOption())
    .addOption(quietOption())
    .addHelpText("after", examples)
    .action(async (runs, { output, images, open = false, backend, quiet = false }) => {
      const file = output ?? join(runs[0] as string, "report.html");
      const progress = progressOn(terminal, { quiet });
      try {
        const read = await readRuns(runs);
        const figures =
          images === 0 ? read.map((each) => each.figures) : await withSheets(read, images, backend, progress);
        // Loaded here and not before: it brings the libraries that draw.
        const { reportPage } = await import("@awp/report/node");
        await writeWhole(file, reportPage({ title: titleOf(runs), runs: figures }));
      } finally {
        progress.stop();
      }
      printLine(terminal, file);
      if (open) await openFile(resolve(file));
    });
}

function titleOf(runs: readonly string[]): string {
  return `Report of ${runs.map((run) => basename(resolve(run))).join(", ")}`;
}

/** The figures with a sheet of images each, where the weights and the images are there to make it of. */
async function withSheets(
  runs: readonly ReadRun[],
  count: number,
  backend: BackendName | undefined,
  progress: Progress,
): Promise<readonly RunFigures[]> {
  const { imageSheet } = await import("./image-sheet");
  await useBackend(backend);
  const all: RunFigures[] = [];
  for (const { training, figures } of runs) {
    const task = progress.task(figures.name);
    try {
      all.push({ ...figures, sheet: await imageSheet(training, count) });
      task.update(1, "images");
    } catch (error) {
      if (!AwpError.is(error)) throw error;
      // Everything else can be shown all the same, as of a run whose images lie on another machine.
      task.note(`shown without images: ${error.message}`);
      all.push(figures);
    }
  }
  return all;
}
