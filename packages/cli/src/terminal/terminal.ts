import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

/**
 * Where a command writes: results to standard output, everything else to standard error, so that `awp … > file` keeps
 * the results alone.
 */
export interface Terminal {
  /** Results. */
  readonly stdout: NodeJS.WriteStream;
  /** Progress, notes and errors. */
  readonly stderr: NodeJS.WriteStream;
}

export const processTerminal: Terminal = { stdout: process.stdout, stderr: process.stderr };

/** One line of results. */
export function printLine({ stdout }: Terminal, line: string): void {
  stdout.write(`${line}\n`);
}

/** A text in colour where the stream is a terminal that has some; `NO_COLOR` is heard. */
export function styled(stream: NodeJS.WriteStream, style: Style, text: string): string {
  // Decided here, once for the stream: Node 20's `styleText` does not look at it.
  const coloured = stream.isTTY && stream.hasColors();
  return coloured ? styleText(style, text, { validateStream: false }) : text;
}
