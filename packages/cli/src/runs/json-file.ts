import { readFile } from "node:fs/promises";
import { AwpError } from "@awp/core";
import { z } from "zod";
import { readConfigFile } from "../train/config/config-file";

/** A figure that JSON has no number for, such as a loss that is infinite, is null there. */
export const figure = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

/** The text of a file; undefined where there is none. */
export async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new AwpError(`${path}: not read: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * What a file of JSON says, checked; undefined where there is none.
 *
 * @throws AwpError that names the file, the line and the field.
 */
export async function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema> | undefined> {
  const text = await textOf(path);
  if (text === undefined) return undefined;
  const result = schema.safeParse(parsed(text, path));
  if (result.success) return result.data;
  const [issue] = result.error.issues as [z.core.$ZodIssue];
  // JSON is YAML, whose reader knows on which line a field stands: read again so where something is wrong alone.
  const file = await readConfigFile(path);
  throw new AwpError(`${file.locate(issue.path)}: ${problemOf(issue)}`);
}

/** What is wrong with a field, behind its path. */
export function problemOf({ path, message }: z.core.$ZodIssue): string {
  return path.length > 0 ? `${path.join(".")}: ${message}` : message;
}

function parsed(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const at = Number(/ at position (\d+)/.exec(message)?.[1] ?? text.length);
    const line = text.slice(0, at).split("\n").length;
    throw new AwpError(`${path}:${line}: no JSON: damaged, or written by halves: ${message}`, { cause: error });
  }
}
