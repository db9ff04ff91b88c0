import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { requireArgument } from "@awp/core/authoring";
import { encodeEvent, type EventContent } from "./event";
import { record } from "./record";

export interface TensorBoardWriterOptions {
  /**
   * The first step that will be written, where figures of it and of later ones may lie in the folder already: TensorBoard
   * drops those.
   */
  readonly restartAt?: number;
  /** The time, in milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** A writer of figures that TensorBoard shows. */
export interface TensorBoardWriter {
  /** The event file. */
  readonly path: string;
  /** Adds figures by their tags, such as `validation/robust`, at a step: a whole number of at least 0. */
  scalars(step: number, figures: Readonly<Record<string, number>>): void;
}

/**
 * A new event file in a folder, which is made where it is missing; `tensorboard --logdir` shows that folder or one above
 * it. Each call is on its way to the disk when it returns, and nothing is to be closed.
 *
 * @example
 * tensorBoardWriter("runs/at-awp").scalars(1, { loss: 2.1, "validation/robust": 0.25 });
 *
 * @throws ArgumentError for an empty path, or a step that is no whole number of at least 0; what the disk says otherwise.
 */
export function tensorBoardWriter(
  folder: string,
  { restartAt, now = Date.now }: TensorBoardWriterOptions = {},
): TensorBoardWriter {
  requireArgument(folder !== "", "folder", folder, "the path of a folder");
  if (restartAt !== undefined) requireStep("restartAt", restartAt);
  mkdirSync(folder, { recursive: true });
  const path = newFile(folder, Math.floor(now() / 1000));
  const append = (step: number, content: EventContent): void =>
    appendFileSync(path, record(encodeEvent({ wallTime: now() / 1000, step, content })));
  append(0, { kind: "version" });
  if (restartAt !== undefined) append(restartAt, { kind: "restart" });
  return {
    path,
    scalars(step, figures) {
      requireStep("step", step);
      append(step, { kind: "scalars", scalars: figures });
    },
  };
}

function requireStep(name: string, step: number): void {
  requireArgument(Number.isSafeInteger(step) && step >= 0, name, step, "a whole number of at least 0");
}

/** A file that was not there; TensorBoard reads a folder's files in the order of their names, which begin with the time. */
function newFile(folder: string, seconds: number): string {
  const name = `events.out.tfevents.${String(seconds).padStart(10, "0")}.${hostname()}.${process.pid}`;
  let path = join(folder, name);
  for (let i = 1; existsSync(path); i++) path = join(folder, `${name}.${i}`);
  writeFileSync(path, "", { flag: "wx" });
  return path;
}
