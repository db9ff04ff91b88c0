import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AutoAttackState, decodeAutoAttackState, encodeAutoAttackState } from "@awp/attacks";
import { writeWhole } from "@awp/core/node";

/** The state of AutoAttack in a file; undefined where there is none yet. */
export async function readState(file: string): Promise<AutoAttackState | undefined> {
  return existsSync(file) ? decodeAutoAttackState(await readFile(file), file) : undefined;
}

/** Writes the state. Renamed into place: a kill leaves the last one or the one before. */
export function writeState(file: string, state: AutoAttackState): Promise<void> {
  return writeWhole(file, encodeAutoAttackState(state));
}
