/** What stands in front of a model card. */
export type Yaml = string | number | readonly Yaml[] | { readonly [key: string]: Yaml };

/** The lines between which the hub reads a card's metadata. */
export function frontMatter(metadata: { readonly [key: string]: Yaml }): string {
  return ["---", ...lines(metadata), "---", ""].join("\n");
}

function lines(value: Yaml): readonly string[] {
  if (isList(value)) return value.flatMap((item) => indented("- ", lines(item)));
  if (typeof value !== "object") return [scalar(value)];
  return Object.entries(value).flatMap(([key, under]) => {
    const below = lines(under);
    if (typeof under !== "object") return [`${key}: ${below[0]}`];
    return [`${key}:`, ...below.map((line) => `  ${line}`)];
  });
}

function indented(first: string, [head = "", ...rest]: readonly string[]): readonly string[] {
  return [first + head, ...rest.map((line) => " ".repeat(first.length) + line)];
}

const isList = (value: Yaml): value is readonly Yaml[] => Array.isArray(value);

/** A text goes in quotes unless it cannot be anything else: JSON's are YAML's. */
function scalar(value: string | number): string {
  const plain = typeof value === "number" || /^(?!(true|false|yes|no|on|off|null)$)[a-z][\w./-]*$/i.test(value);
  return plain ? String(value) : JSON.stringify(value);
}
