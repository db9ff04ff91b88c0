import { Command, Option } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context";
import { exitCodes } from "../exit-code";
import { integer } from "../options/parsers";
import { stopRequests } from "../terminal/signals";
import { printLine } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { follow } from "./follow";
import { watchInLines } from "./in-lines";
import { watchInTerminal } from "./in-terminal";
import { serve } from "./server";
import type { Snapshot } from "./snapshot";

const examples = `
RUN is the folder of a run, runs/train-3, or of one training in it, runs/train-3/at/seed-1.

In a terminal it draws on the whole screen, elsewhere it prints a line for each epoch, and ends with the training; with
--browser it serves a page on this machine alone, until Ctrl-C.

Examples:
  awp watch runs/train-3
  awp watch runs/train-3/at-awp/seed-1 | tee log
  awp watch runs/train-3 --browser`;

/** `awp watch`: follows a training that runs, or shows one that has. */
export function watchCommand(context: CommandContext) {
  const { terminal } = context;
  return new Command("watch")
    .description("Follow a running training: progress, last figures and curves.")
    .argument("<run>", "the folder of a run or of one training")
    .option("--browser", "in a page, as events arrive")
    .addOption(new Option("--port <n>", "of the page (a free one)").argParser(integer(0)))
    .addHelpText("after", examples)
    .action(async (run, { browser = false, port }) => {
      if (port !== undefined && !browser) throw new UsageError("--port is the page's: --browser is missing");
      const { pause, release } = stopRequests();
      try {
        if (browser) {
          await serve(run, { port: port ?? 0, signal: pause, onReady: (url) => printLine(terminal, url) });
        } else {
          const snapshots = untilTheEnd(follow(run, pause));
          if (terminal.stdout.isTTY) await watchInTerminal(terminal.stdout, snapshots);
          else await watchInLines((line) => printLine(terminal, line), snapshots);
          if (pause.aborted) context.exitWith(exitCodes.interrupted);
        }
      } finally {
        release();
      }
    });
}

/** The snapshots up to the one after which the training writes nothing more. */
async function* untilTheEnd(snapshots: AsyncIterable<Snapshot>): AsyncGenerator<Snapshot> {
  for await (const snapshot of snapshots) {
    yield snapshot;
    if (snapshot.state !== "running") return;
  }
}
