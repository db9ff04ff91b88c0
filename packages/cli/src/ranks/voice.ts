import { Writable } from "node:stream";
import type { World } from "@awp/distributed";
import { styled, type Terminal } from "../terminal/terminal";
import type { ErrorMessage } from "./errors";

/** How a process speaks to the user. */
export interface Voice {
  /** What the command writes to. */
  readonly terminal: Terminal;
  /** Says what went wrong, in one line. */
  fail(message: string): void;
}

/** The voice of a process alone, and of rank 0; the other ranks say nothing but what went wrong. */
export function voiceOf(terminal: Terminal, world: World | undefined): Voice {
  const { stderr } = terminal;
  const error = styled(stderr, "red", "error");
  const rank = world?.rank ?? 0;
  return {
    terminal: rank === 0 ? terminal : { stdout: nowhere(), stderr: nowhere() },
    fail(given) {
      const message = given.replace(`rank ${rank}: `, "");
      // What rank 0 has come to on its own it says itself.
      if (rank > 0 && message.startsWith("rank 0: ")) return;
      if (world !== undefined && process.connected) process.send?.({ error: message } satisfies ErrorMessage);
      else stderr.write(`${rank === 0 ? "" : `rank ${rank}: `}${error}: ${message}\n`);
    },
  };
}

function nowhere(): NodeJS.WriteStream {
  return new Writable({ write: (_chunk, _encoding, done) => done() }) as unknown as NodeJS.WriteStream;
}
