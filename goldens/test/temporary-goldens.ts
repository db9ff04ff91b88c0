import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readGolden } from "@awp/testing";

export type Json = Record<string, unknown>;

/** A directory with changed copies of the project's golden files; removed with `remove`. */
export interface TemporaryGoldens {
  readonly directory: string;
  /** Writes the file with what `change` makes of it. */
  write(file: string, change: (golden: Json) => void): void;
  writeText(file: string, text: string): void;
  remove(): void;
}

export function temporaryGoldens(): TemporaryGoldens {
  const directory = mkdtempSync(join(tmpdir(), "awp-goldens-"));
  const writeText = (file: string, text: string): void => {
    mkdirSync(join(directory, dirname(file)), { recursive: true });
    writeFileSync(join(directory, file), text);
  };
  return {
    directory,
    writeText,
    write: (file, change) => {
      const golden = readGolden<Json>(file);
      change(golden);
      writeText(file, JSON.stringify(golden));
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

/** The number at a path is multiplied by `factor`. */
export function scale(golden: Json, path: readonly (string | number)[], factor: number): void {
  const holder = path.slice(0, -1).reduce((at, key) => at[key] as Json, golden);
  const key = path[path.length - 1] as string;
  holder[key] = (holder[key] as number) * factor;
}
