import type { Snapshot } from "./snapshot";
import { frameOf } from "./frame";

const screen = { enter: "\x1b[?1049h\x1b[?25l", leave: "\x1b[?1049l\x1b[?25h", home: "\x1b[H", rest: "\x1b[J" };
const clearLine = "\x1b[K";

/** Milliseconds after which a screen is drawn again though nothing has happened: times on it go on. */
const interval = 5000;

/**
 * Draws a run on the whole of a terminal, again with each snapshot and each change of its size, until the snapshots
 * end; the last one stays where the command was called.
 */
export async function watchInTerminal(
  stream: NodeJS.WriteStream,
  snapshots: AsyncIterable<Snapshot>,
  now: () => number = Date.now,
): Promise<void> {
  let last: Snapshot | undefined;
  const frame = (rows: number): readonly string[] =>
    last === undefined ? [] : frameOf(last, { columns: stream.columns, rows, now: now() });
  const draw = (): void => {
    const lines = frame(stream.rows).map((line) => `${line}${clearLine}`);
    stream.write(`${screen.home}${lines.join("\r\n")}${screen.rest}`);
  };
  stream.write(screen.enter);
  stream.on("resize", draw);
  const timer = setInterval(draw, interval);
  try {
    for await (last of snapshots) draw();
  } finally {
    clearInterval(timer);
    stream.off("resize", draw);
    stream.write(screen.leave);
    const lines = frame(Number.POSITIVE_INFINITY);
    if (lines.length > 0) stream.write(`${lines.join("\n")}\n`);
  }
}
