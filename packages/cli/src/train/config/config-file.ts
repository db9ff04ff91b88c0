import { readFile } from "node:fs/promises";
import { isMap, isPair, isScalar, LineCounter, parseDocument } from "yaml";
import { UsageError } from "../../usage-error";

/** A configuration as it was written. */
export interface ConfigFile {
  /** The values, not checked. */
  readonly values: unknown;
  /** Where a field stands, as `train.yaml:7`; the whole file where the field is not in it. */
  locate(path: readonly PropertyKey[]): string;
}

/** Reads YAML, which JSON is too. Throws a `UsageError` that names the file, and the line where it is neither. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw new UsageError(`${path}: not read: ${(error as Error).message}`, { cause: error });
  });
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken) {
    const [what = ""] = broken.message.split(" at line ");
    throw new UsageError(`${path}:${lines.linePos(broken.pos[0]).line}: ${what}`);
  }
  return {
    values: document.toJS() ?? {},
    locate(fields) {
      const offset = offsetOf(document.contents, fields);
      return offset === undefined ? path : `${path}:${lines.linePos(offset).line}`;
    },
  };
}

/** Where the key of a field begins, or an item of a list. */
function offsetOf(root: unknown, path: readonly PropertyKey[]): number | undefined {
  let node = root;
  let offset = rangeOf(root);
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key);
      if (pair === undefined) return undefined;
      offset = rangeOf(pair.key);
      node = pair.value;
    } else {
      node = (node as { items?: readonly unknown[] } | null)?.items?.[Number(key)];
      offset = rangeOf(node);
    }
  }
  return offset;
}

function rangeOf(node: unknown): number | undefined {
  return (node as { range?: readonly [number, number, number] | null } | null | undefined)?.range?.[0];
}
