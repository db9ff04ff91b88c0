import type { Json } from "../json";

/* The parts of encodings that figures share. */

/** A whole line first, dots third; for more names they begin anew. */
const dashes: readonly (readonly number[])[] = [
  [1, 0],
  [7, 3],
  [2, 2.5],
  [9, 3, 2, 3],
  [5, 2, 2, 2, 2, 2],
];

/** A name by a channel, in the order of `names`; without a choice of them there is no legend. */
export function named(field: string, title: string | null, names: readonly string[], symbol = "stroke"): Json {
  const legend = names.length > 1 ? { symbolType: symbol, ...(symbol === "stroke" ? {} : { symbolSize: 90 }) } : null;
  return { field, type: "nominal", title, scale: { domain: [...names] }, legend };
}

/** A name by the dashes of a line. */
export function dashed(field: string, title: string | null, names: readonly string[]): Json {
  return { ...named(field, title, names), scale: { domain: [...names], range: dashes } };
}

/** A name by the colour of a line, and by its dashes for who does not see colours. */
export function namedTwice(field: string, title: string | null, names: readonly string[]): Record<string, Json> {
  return { color: named(field, title, names), strokeDash: dashed(field, title, names) };
}

export function accuracyAxis(title: string): Json {
  return {
    field: "accuracy",
    type: "quantitative",
    title,
    axis: { format: ".0%" },
    scale: { zero: false, nice: true },
  };
}

export const epochAxis: Json = {
  field: "epoch",
  type: "quantitative",
  title: "Epoch",
  axis: { tickMinStep: 1, format: "d" },
  scale: { zero: false, nice: false, padding: 6 },
};

/** A row of a tooltip: what it is called, and a number's format. */
export function shown(field: string, title: string, format?: string): Json {
  return { field, title, ...(format === undefined ? { type: "nominal" } : { type: "quantitative", format }) };
}

/** Points on a line: seen where they are few, there for the pointer alone where they are many. */
export function pointsOf(count: number): { readonly filled: true; readonly size: number } | "transparent" {
  return count <= 40 ? { filled: true, size: 32 } : "transparent";
}

/** How many rows the longest of the groups has. */
export function longest<Row>(rows: readonly Row[], groupOf: (row: Row) => string): number {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(groupOf(row), (counts.get(groupOf(row)) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}
