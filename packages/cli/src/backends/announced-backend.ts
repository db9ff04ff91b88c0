import { type BackendName, type ChosenBackend, useBackend } from "@awp/core";
import type { Progress } from "../terminal/progress";
import { fasterEngine } from "./faster-engine";

/** The backend of that name, or the fastest, in use and named in the notes, with what would be faster where something would. */
export async function announcedBackend(
  name: BackendName | undefined,
  progress: Pick<Progress, "note">,
): Promise<ChosenBackend> {
  const backend = await useBackend(name);
  progress.note(`backend ${backend.name}: ${backend.device}`);
  const faster = fasterEngine(backend);
  if (faster !== undefined) progress.note(faster);
  return backend;
}
