/** Something of vega-lite's that is plain JSON: its own types come in ES modules alone, which CommonJS does not read. */
export type Json = Readonly<Record<string, unknown>>;
