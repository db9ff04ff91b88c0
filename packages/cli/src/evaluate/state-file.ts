import { existsSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { type AutoAttackState, decodeAutoAttackState, encodeAutoAttackState } from "@awp/attacks";

/** The state of AutoAttack in a file; undefined where there is none yet. */
export async function readState(file: string): Promise<AutoAttackState | undefined> {
  return existsSync(file) ? decodeAutoAttackState(await readFile(file), file) : undefined;
}

/** Writes the state. Renamed into place: a kill leaves the last one or the one before. */
export async function writeState(file: string, state: AutoAttackState): Promise<void> {
  await writeFile(`${file}.partial`, encodeAutoAttackState(state));
  await rename(`${file}.partial`, file);
}
