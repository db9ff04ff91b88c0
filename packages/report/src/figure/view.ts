import type { TopLevelSpec } from "vega-lite";

/** A figure as a declarative specification of vega-lite: plain JSON, a row of views. */
export type Figure = Extract<TopLevelSpec, { hconcat: unknown }>;

/** One of a figure's views. */
export type View = Figure["hconcat"][number];

export interface FigureParts {
  /** What is shown, not what to conclude. */
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly views: readonly View[];
  /** What the views have scales and legends of their own for. */
  readonly independent?: readonly ("color" | "shape" | "strokeDash")[];
}

export const schema = "https://vega.github.io/schema/vega-lite/v6.json";

/** A view's size where nobody asks for another one, in pixels. */
export const viewSize: { readonly width: number; readonly height: number } = { width: 300, height: 230 };

export function figure({ title, subtitle, views, independent = [] }: FigureParts): Figure {
  return {
    $schema: schema,
    title: { text: title, ...(subtitle === undefined ? {} : { subtitle }), fontSize: 16 },
    description: subtitle === undefined ? title : `${title}: ${subtitle}`,
    spacing: 36,
    hconcat: views.map((view) => ({ ...viewSize, ...view })),
    ...(independent.length === 0
      ? {}
      : { resolve: { scale: Object.fromEntries(independent.map((channel) => [channel, "independent"])) } }),
  };
}
