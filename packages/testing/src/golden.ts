import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The project's own copy of the golden files; its README tells how they were made. */
export const goldensFolder: string = fileURLToPath(new URL("../goldens", import.meta.url));

/** The path of a golden file. */
export function goldenPath(file: string): string {
  return `${goldensFolder}/${file}`;
}

/** A golden file's content, of the type that its `kind` promises. */
export function readGolden<Golden>(file: string): Golden {
  return JSON.parse(readFileSync(goldenPath(file), "utf8")) as Golden;
}
