import type { ExitCode } from "./exit-code";
import type { Terminal } from "./terminal/terminal";

/** What a subcommand is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Says what the process ends with once the command is through, where that is not "done". Errors are thrown instead. */
  exitWith(code: ExitCode): void;
}
