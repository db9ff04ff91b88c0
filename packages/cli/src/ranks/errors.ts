import { styled, type Terminal } from "../terminal/terminal";

/** What a process tells the one that has started it. */
export interface ErrorMessage {
  readonly error: string;
}

/** The errors of processes that do one job together, each said once. */
export interface Errors {
  add(rank: number, message: string): void;
  /** Notes how a rank ended that has failed; `killed` where that was after another's failure. */
  ended(rank: number, how: string, killed: boolean): void;
  /** Says what has not been said yet. */
  say(): void;
}

/** Milliseconds in which the same error comes from several ranks. */
const together = 2000;

/** Gathers what ranks tell within a moment, so that an error which all have is one line. */
export function errorsOf({ stderr }: Terminal): Errors {
  const told = new Set<number>();
  const said = new Set<string>();
  const waiting = new Map<string, number[]>();
  let timer: NodeJS.Timeout | undefined;
  const say = (): void => {
    clearTimeout(timer);
    timer = undefined;
    for (const [message, ranks] of waiting) {
      said.add(message);
      const who = ranks.includes(0) ? "" : `${ranks.length > 1 ? "ranks" : "rank"} ${ranks.join(", ")}: `;
      stderr.write(`${who}${styled(stderr, "red", "error")}: ${message}\n`);
    }
    waiting.clear();
  };
  const add = (rank: number, message: string): void => {
    told.add(rank);
    if (said.has(message)) return;
    waiting.set(
      message,
      [...(waiting.get(message) ?? []), rank].sort((a, b) => a - b),
    );
    timer ??= setTimeout(say, together);
  };
  return {
    add,
    ended(rank, how, killed) {
      if (!told.has(rank) && !killed) add(rank, `rank ${rank} ended with ${how}`);
    },
    say,
  };
}
