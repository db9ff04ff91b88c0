/** What the command's exit code says; part of the interface, and printed by `awp --help`. */
export const exitCodes = {
  done: 0,
  /** Something went wrong: one line on standard error says what. */
  failed: 1,
  /** The command line or the configuration cannot be meant; nothing was begun. */
  usage: 2,
  /** Ended before the end, on a signal or at `--max-time`, and kept: the same command with `--resume` goes on. */
  paused: 3,
  /** Interrupted a second time: ended at once, as a shell reports SIGINT. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
