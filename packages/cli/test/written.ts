import { PassThrough } from "node:stream";
import { main } from "../src/main";

/** What a command wrote, and what it ended with. */
export interface Written {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, on streams that are no terminal, and keeps what it writes. */
export async function awp(...args: readonly string[]): Promise<Written> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr } as unknown as Parameters<typeof main>[1];
  const code = await main(args, terminal);
  const text = (stream: PassThrough): string => String(stream.read() ?? "");
  return { code, stdout: text(stdout), stderr: text(stderr) };
}
