import { createRequire } from "node:module";
import { Command } from "@commander-js/extra-typings";
import { backendsCommand } from "./backends/command";
import type { CommandContext } from "./command-context";
import { completeCommand, completionCommand } from "./completion/command";
import { convertCommand } from "./convert/command";
import { evaluateCommand } from "./evaluate/command";
import { exitCodes } from "./exit-code";
import { pushCommand } from "./hub/command";
import { landscapeCommand } from "./landscape/command";
import { figureCommand } from "./figure/command";
import { modelsCommand } from "./models/command";
import { reportCommand } from "./report/command";
import { sharpnessCommand } from "./sharpness/command";
import { trainCommand } from "./train/command";
import { watchCommand } from "./watch/command";

/** The command with its subcommands. */
export function program(context: CommandContext): Command {
  const awp = new Command("awp")
    .version(ownVersion(), "-V, --version", "print the version")
    .description("Train robust image classifiers, and measure how robust a TensorFlow.js model is.")
    .addHelpText(
      "after",
      `
Results go to standard output, progress and errors to standard error.
Exit codes: ${exitCodes.done} done, ${exitCodes.failed} an error, ${exitCodes.usage} a command line that cannot be meant, ${exitCodes.paused} ended early and kept (go on with --resume),
${exitCodes.interrupted} interrupted.`,
    );
  awp.addCommand(trainCommand(context));
  awp.addCommand(watchCommand(context));
  awp.addCommand(reportCommand(context));
  awp.addCommand(figureCommand(context));
  awp.addCommand(evaluateCommand(context));
  awp.addCommand(pushCommand(context));
  awp.addCommand(modelsCommand(context));
  awp.addCommand(convertCommand(context));
  awp.addCommand(landscapeCommand(context));
  awp.addCommand(sharpnessCommand(context));
  awp.addCommand(backendsCommand(context));
  awp.addCommand(completionCommand(context));
  awp.addCommand(completeCommand(context, awp), { hidden: true });
  return awp;
}

function ownVersion(): string {
  const manifest = createRequire(import.meta.url)("@awp/cli/package.json") as { readonly version: string };
  return manifest.version;
}
