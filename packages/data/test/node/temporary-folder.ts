import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "awp-data-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A new folder that has the files, in the folder `below` where it is given. */
export async function folderWith(files: Readonly<Record<string, Uint8Array | string>>, below = ""): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, below), { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, below, name), content);
  return folder;
}
