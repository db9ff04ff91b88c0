import type { ProcessGroup } from "@awp/core";
import { writeWhole } from "@awp/core/node";
import { disposeNetwork } from "@awp/models";
import { loadWeights } from "@awp/models/node";
import { announcedBackend } from "../backends/announced-backend";
import type { CommandContext } from "../command-context";
import { type Subject, subjectsOf } from "../landscape/subject";
import { type Progress, progressOn } from "../terminal/progress";
import { printLine } from "../terminal/terminal";
import { measure } from "./measure";
import { type SharpnessCommandOptions, sharpnessOptions } from "./options";
import { type Measured, sharpnessTable } from "./table";

/** `awp sharpness`: measures how sharp the minimum is that a network has come to. */
export function sharpnessCommand(context: CommandContext) {
  return sharpnessOptions().action(async (model, options) => {
    const { processes = 1, json } = options;
    if (processes > 1) return context.launch(processes);
    const ranks = await context.join(options.rankTimeout);
    const progress = progressOn(context.terminal, { quiet: options.quiet === true });
    try {
      const subjects = await ranks.inTurns("model", () => subjectsOf(model, options, progress));
      const backend = await announcedBackend(options.backend, progress);
      const measured = await measureAll(subjects, options, { progress, group: ranks.group });
      progress.stop();
      const document = { backend: backend.name, ...settingsOf(options), measured };
      await ranks.first("figures", () => print(document, json, context));
    } finally {
      progress.stop();
    }
  });
}

async function measureAll(
  subjects: readonly Subject[],
  options: SharpnessCommandOptions,
  { progress, group }: { readonly progress: Progress; readonly group: ProcessGroup | undefined },
): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const subject of subjects) {
    const { title, images, attack, settings } = subject;
    for (const { epoch, file } of subject.checkpoints) {
      const network = subject.makeNetwork();
      try {
        await loadWeights(network, file, subject.reading);
        const task = progress.task(epoch > 0 ? `${title}, epoch ${epoch}` : title);
        const figures = await measure(network, { images, attack }, options, { task, group });
        measured.push({ title, epoch, settings, attack, ...figures });
      } finally {
        disposeNetwork(network);
      }
    }
  }
  return measured;
}

/** What the figures were measured with, to measure them again. */
function settingsOf({ split, count, seed, batchSize, checkpoint }: SharpnessCommandOptions) {
  return { split, count, seed, batchSize, checkpoint };
}

interface Document extends ReturnType<typeof settingsOf> {
  readonly backend: string;
  readonly measured: readonly Measured[];
}

async function print(document: Document, json: string | true | undefined, { terminal }: CommandContext): Promise<void> {
  const text = JSON.stringify(document, null, 2);
  if (json === true) return printLine(terminal, text);
  if (json !== undefined) await writeWhole(json, `${text}\n`);
  printLine(terminal, sharpnessTable(document.measured));
}
