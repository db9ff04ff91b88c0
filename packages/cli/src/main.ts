import { AwpError } from "@awp/core";
import { type Command, CommanderError } from "@commander-js/extra-typings";
import type { CommandContext } from "./command-context";
import { type ExitCode, exitCodes } from "./exit-code";
import { program } from "./program";
import { launch } from "./ranks/launch";
import { type Ranks, ranksOf } from "./ranks/ranks";
import { voiceOf } from "./ranks/voice";
import { worldOf } from "./ranks/world";
import type { Terminal } from "./terminal/terminal";
import { UsageError } from "./usage-error";

/** Runs the command line and returns what the process is to end with; an error of the user's is one line. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const exitWith = (given: ExitCode): void => void (code = given);
  let voice = voiceOf(terminal, undefined);
  let ranks: Ranks | undefined;
  try {
    const world = await worldOf(process.env);
    voice = voiceOf(terminal, world);
    const own = voice.terminal;
    const context: CommandContext = {
      terminal: own,
      launch: async (processes) => exitWith(await launch(processes, own, world)),
      join: async (seconds) => (ranks = await ranksOf(world, seconds)),
      exitWith,
    };
    await prepared(program(context), own).parseAsync([...args], { from: "user" });
    await ranks?.leave();
    return code;
  } catch (error) {
    await ranks?.leave(error as Error).catch(() => undefined);
    // Commander has said everything itself: help, or what is wrong with an option.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!AwpError.is(error) && !isLostRank(error)) throw error;
    voice.fail(error.message);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
}

/** Whether it is what the engine throws where another rank is gone or late: `CollectiveError`, which no process alone loads. */
function isLostRank(error: unknown): error is Error {
  return error instanceof Error && error.name === "CollectiveError";
}

/** Has the command and its subcommands write to the terminal, and throw where they would end the process. */
function prepared(command: Command, terminal: Terminal): Command {
  command.exitOverride().configureOutput({
    writeOut: (text) => terminal.stdout.write(text),
    writeErr: (text) => terminal.stderr.write(text),
  });
  for (const sub of command.commands) prepared(sub as Command, terminal);
  return command;
}
