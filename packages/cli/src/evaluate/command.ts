import { writeWhole } from "@awp/core/node";
import { announcedBackend } from "../backends/announced-backend";
import type { CommandContext } from "../command-context";
import { locate } from "../model/locate";
import type { Ranks } from "../ranks/ranks";
import { endedEarly } from "../terminal/ended-early";
import { type Progress, progressOn } from "../terminal/progress";
import { interruptible } from "../terminal/signals";
import { printLine } from "../terminal/terminal";
import { type EvaluationSettings, evaluateModel } from "./evaluate-model";
import { evaluateOptions } from "./options";
import { type EvaluationReport, summaryOf } from "./report";
import { reportText } from "./report-text";
import { settingsOf } from "./settings";

/** `awp evaluate`: attacks a trained model and tells how robust it is. */
export function evaluateCommand(context: CommandContext) {
  return evaluateOptions().action(async (model, options) => {
    const settings = settingsOf(model, options);
    const { processes = 1, requeue } = options;
    if (processes > 1) return context.launch(processes);
    const ranks = await context.join(options.rankTimeout);
    const progress = progressOn(context.terminal, { quiet: options.quiet === true });
    try {
      const report = await evaluated(settings, progress, ranks);
      progress.stop();
      await ranks.first("report", () => print(report, options.json, context));
    } catch (error) {
      context.exitWith(await endedEarly(error, String(settings.state), { ...context, progress, ranks, requeue }));
    }
  });
}

async function evaluated(settings: EvaluationSettings, progress: Progress, ranks: Ranks): Promise<EvaluationReport> {
  const { reference, weights } = settings.model;
  const located = await ranks.inTurns("model", () => locate(reference, progress, weights));
  const backend = await announcedBackend(settings.backend, progress);
  const run = (signal?: AbortSignal) => evaluateModel(settings, located, backend, { progress, signal, ranks });
  // Without a file there is nothing to keep, and a signal ends the process as it always does.
  return settings.state === undefined ? run() : interruptible(run, ranks);
}

async function print(report: EvaluationReport, json: string | true | undefined, { terminal }: CommandContext) {
  const document = JSON.stringify(report, null, 2);
  if (json === true) return printLine(terminal, document);
  if (json !== undefined) await writeWhole(json, `${document}\n`);
  printLine(terminal, reportText(report));
  printLine(terminal, JSON.stringify(summaryOf(report)));
}
