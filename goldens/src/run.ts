import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Fields, fields, MalformedError } from "./fields";
import { type Findings, findings, Missing, NotYet } from "./findings";
import { attacks } from "./kinds/attacks";
import { awpStep } from "./kinds/awp-step";
import { directionNormalisation } from "./kinds/direction-normalisation";
import { fabProjections } from "./kinds/fab-projections";
import { l1Projection } from "./kinds/l1-projection";
import { landscape } from "./kinds/landscape";
import { losses } from "./kinds/losses";
import { network } from "./kinds/network";
import { squareSchedule } from "./kinds/square-schedule";

/** Rebuilds what a file of one kind is about and compares every figure. `directory` is where the file lies. */
type Kind = (golden: Fields, findings: Findings, directory: string) => Promise<void> | void;

const kinds: Readonly<Record<string, Kind>> = {
  attacks,
  "awp-step": awpStep,
  "direction-normalisation": directionNormalisation,
  "fab-projections": fabProjections,
  "l1-projection": l1Projection,
  landscape,
  losses,
  network,
  "square-schedule": squareSchedule,
};

/** What came of one golden file. */
export interface FileResult extends Pick<Findings, "figures" | "notYet" | "notes"> {
  readonly file: string;
  readonly seconds: number;
  /** What is not on this machine, for a file that could not be run. */
  readonly missing?: string;
  /** What is wrong with the file, or went wrong with it. */
  readonly error?: string;
}

/** Runs every `*.json` of a directory and its folders, in the order of their names, on the current backend. */
export async function* runGoldens(directory: string): AsyncGenerator<FileResult, void> {
  const files = (await readdir(directory, { recursive: true })).filter(isGolden).sort();
  if (files.length === 0) throw new MalformedError(`${directory}: want golden files, *.json`);
  for (const file of files) yield runFile(directory, file);
}

/** Whether a file is a golden one, which is run, and not `reference.json`, which tests read. */
function isGolden(path: string): boolean {
  return path.endsWith(".json") && basename(path) !== "reference.json";
}

/** Runs one golden file; what is wrong with it is in the result. */
export async function runFile(directory: string, file: string): Promise<FileResult> {
  const start = performance.now();
  const found = findings();
  let trouble: Pick<FileResult, "missing" | "error"> = {};
  try {
    const golden = fields(parsed(await readFile(join(directory, file), "utf8"), file), file);
    const kind = golden.text("kind");
    const run = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
    if (run === undefined) throw new NotYet(`kind ${kind}`);
    await run(golden, found, join(directory, dirname(file)));
    if (found.figures.length === 0 && found.notYet.length === 0) throw new MalformedError(`${file}: want figures`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof NotYet) found.skip(error.message);
    else trouble = error instanceof Missing ? { missing: error.message } : { error: described(error) };
  }
  const { figures, notYet, notes } = found;
  return { file, figures, notYet, notes, ...trouble, seconds: (performance.now() - start) / 1000 };
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedError(`${file}: ${(error as Error).message}`);
  }
}

/** What is wrong with a file speaks for itself; anything else is told with its place. */
function described(error: Error): string {
  return error instanceof MalformedError ? error.message : (error.stack ?? error.message);
}
