import { AwpError } from "@awp/core";
import { type Command, CommanderError } from "@commander-js/extra-typings";
import { type ExitCode, exitCodes } from "./exit-code";
import { program } from "./program";
import { styled, type Terminal } from "./terminal/terminal";
import { UsageError } from "./usage-error";

/** Runs the command line and returns what the process is to end with; an error of the user's is one line. */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const exitWith = (given: ExitCode): void => void (code = given);
  try {
    await prepared(program({ terminal, exitWith }), terminal).parseAsync([...args], { from: "user" });
    return code;
  } catch (error) {
    // Commander has said everything itself: help, or what is wrong with an option.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!AwpError.is(error)) throw error;
    terminal.stderr.write(`${styled(terminal.stderr, "red", "error")}: ${error.message}\n`);
    return error instanceof UsageError ? exitCodes.usage : exitCodes.failed;
  }
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
