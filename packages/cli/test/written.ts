import { PassThrough } from "node:stream";
import { WriteStream } from "node:tty";
import { main } from "../src/main";

/** What a command wrote, and what it ended with. */
export interface Written {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, on streams that are no terminal, and keeps what it writes. */
export async function awp(...args: readonly string[]): Promise<Written> {
  return written(new PassThrough(), new PassThrough(), args);
}

/** Runs the command in this process as on a terminal, whose colours the environment decides. */
export async function awpOnTerminal(...args: readonly string[]): Promise<Written> {
  return written(terminalStream(), terminalStream(), args);
}

function terminalStream(): PassThrough {
  // Node's own reading of the environment.
  const hasColors = (): boolean => 2 ** WriteStream.prototype.getColorDepth() >= 16;
  return Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40, hasColors });
}

async function written(stdout: PassThrough, stderr: PassThrough, args: readonly string[]): Promise<Written> {
  const code = await main(args, { stdout, stderr } as unknown as Parameters<typeof main>[1]);
  const text = (stream: PassThrough): string => String(stream.read() ?? "");
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
