import type { z } from "zod";
import { UsageError } from "../../usage-error";
import type { ConfigFile } from "./config-file";
import { nearest } from "./nearest";
import { dataNameOf, isMapping, schema, type TrainConfig } from "./schema";

/**
 * The settings of a file with those of the command line over them and `base` under them, checked and with every default.
 *
 * Throws a `UsageError` with one line for each field that cannot be meant: where it stands, what was given and what is
 * wanted.
 */
export function resolveConfig(file: ConfigFile | undefined, overrides: Values, base: Values = {}): TrainConfig {
  const written = file?.values ?? {};
  const given = isMapping(written) ? merged(merged(base, written), overrides) : written;
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues
    .flatMap((issue) => problems(issue, given))
    .map(({ path, says }) => {
      const where = file ? `${file.locate(path)}: ` : "";
      const field = path.length > 0 ? `${path.join(".")}: ` : "";
      return `${where}${field}${says}`;
    });
  throw new UsageError(lines.join("\n"));
}

export type Values = Readonly<Record<string, unknown>>;

/** Mappings are merged field by field, anything else is replaced. */
function merged(under: Values, over: Values): Values {
  const result: Record<string, unknown> = { ...under };
  for (const [name, value] of Object.entries(over)) {
    const below = result[name];
    result[name] = isMapping(below) && isMapping(value) ? merged(below, value) : value;
  }
  return result;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly says: string;
}

function problems(issue: z.core.$ZodIssue, given: unknown): readonly Problem[] {
  const at = issue.path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    given,
  );
  if (issue.code !== "unrecognized_keys") {
    return [{ path: issue.path, says: `${JSON.stringify(at) ?? "nothing"}; wanted ${issue.message}` }];
  }
  const known = knownFields(issue.path, at);
  return issue.keys.map((key) => ({
    path: [...issue.path, key],
    says: `no such field; wanted ${nearest(key, known) ?? `one of ${known.join(", ")}`}`,
  }));
}

/** The fields that a mapping at `path` may have: those that it has by default. */
function knownFields([name]: readonly PropertyKey[], at: unknown): readonly string[] {
  const defaults = schema.parse(name === "data" ? { data: { name: dataNameOf(at as Values) } } : {});
  return Object.keys(name === undefined ? defaults : (defaults[name as keyof TrainConfig] as Values));
}
