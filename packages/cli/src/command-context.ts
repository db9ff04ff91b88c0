import type { ExitCode } from "./exit-code";
import type { Ranks } from "./ranks/ranks";
import type { Terminal } from "./terminal/terminal";

/** What a subcommand is given. */
export interface CommandContext {
  readonly terminal: Terminal;
  /** Runs the command in so many processes instead, and has this one end as they do. */
  launch(processes: number): Promise<void>;
  /**
   * Waits for the processes that a launcher has started together with this one, if there are any. They wait so many
   * seconds for one another whenever they do something together.
   */
  join(seconds?: number): Promise<Ranks>;
  /** Says what the process ends with once the command is through, where that is not "done". Errors are thrown instead. */
  exitWith(code: ExitCode): void;
}
