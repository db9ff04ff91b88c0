import { MultiBar, type SingleBar } from "cli-progress";
import type { Terminal } from "./terminal";

/** What is told of several pieces of work while they run. */
export interface Progress {
  /** One more piece of work, by its name. */
  task(name: string): Task;
  /** A line that stays. */
  note(line: string): void;
  /** Clears the bars; call it at the end, also after an error. Notes after that are plain lines. */
  stop(): void;
}

/** One piece of work. */
export interface Task {
  /** Moves the bar to a share from 0 to 1, with a few words behind it; shown on a terminal alone. */
  update(share: number, words: string): void;
  /** A line worth keeping in a log, for example one for each epoch. */
  note(line: string): void;
}

export interface ProgressOptions {
  /** Nothing is shown. */
  readonly quiet: boolean;
}

/** Bars on a terminal, plain lines elsewhere, nothing where the user wants quiet. */
export function progressOn({ stderr }: Terminal, { quiet }: ProgressOptions): Progress {
  if (quiet) return silent;
  return stderr.isTTY ? bars(stderr) : lines(stderr);
}

const nothing = (): void => undefined;
const silent: Progress = { task: () => ({ update: nothing, note: nothing }), note: nothing, stop: nothing };

function lines(stream: NodeJS.WritableStream): Progress {
  const note = (line: string): void => void stream.write(`${line}\n`);
  return { task: (name) => ({ update: nothing, note: (line) => note(`${name}  ${line}`) }), note, stop: nothing };
}

function bars(stream: NodeJS.WriteStream): Progress {
  const all = new MultiBar({
    format: "{name} {bar} {words}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    // A signal that ends the process at once leaves the terminal as it is, and must not be caught here.
    hideCursor: false,
    gracefulExit: false,
    clearOnComplete: true,
    stream,
  });
  let stopped = false;
  const note = (line: string): void => {
    if (stopped) return void stream.write(`${line}\n`);
    all.log(`${line}\n`);
    all.update();
  };
  return {
    task(name) {
      const bar: SingleBar = all.create(1, 0, { name, words: "" });
      return {
        update: (share, words) => bar.update(share, { words }),
        note: (line) => note(`${name}  ${line}`),
      };
    },
    note,
    stop() {
      if (!stopped) all.stop();
      stopped = true;
    },
  };
}
