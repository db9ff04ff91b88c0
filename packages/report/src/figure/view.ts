import type { Json } from "../json";

/** A figure as a declarative specification of vega-lite 6, which is a `TopLevelSpec` there: plain JSON, its views in rows. */
export interface Figure extends Json {
  readonly concat: readonly View[];
}

/** One of a figure's views. */
export type View = Json;

export interface FigureParts {
  /** What is shown, not what to conclude. */
  readonly title: string;
  readonly subtitle?: string | undefined;
  readonly views: readonly View[];
  /** What the views have scales and legends of their own for. */
  readonly independent?: readonly ("color" | "strokeDash")[];
  /** Pixels between two columns, the labels of the right one's axis in it. @default 90 */
  readonly gutter?: number;
}

const schema = "https://vega.github.io/schema/vega-lite/v6.json";

/** A view's size where nobody asks for another one, in pixels. */
const viewSize: { readonly width: number; readonly height: number } = { width: 300, height: 230 };

export function figure({ title, subtitle, views, independent = [], gutter = 90 }: FigureParts): Figure {
  const { width } = { ...viewSize, ...views[0] } as { width: number };
  const columns = views.length === 4 ? 2 : Math.min(views.length, 3);
  return {
    $schema: schema,
    title: {
      text: title,
      ...(subtitle === undefined ? {} : { subtitle: lines(subtitle, columns * (width + gutter)) }),
      ...{ frame: "bounds", orient: "top", baseline: "alphabetic", dy: 0 },
      fontSize: 16,
    },
    description: subtitle === undefined ? title : `${title}: ${subtitle}`,
    // Between the plots themselves, so that those of a row stand at one height whatever their axes need.
    bounds: "flush",
    spacing: { row: 110, column: gutter },
    columns,
    concat: views.map((view) => ({ ...viewSize, ...view })),
    ...(independent.length === 0
      ? {}
      : { resolve: { scale: Object.fromEntries(independent.map((channel) => [channel, "independent"])) } }),
  };
}

/** The text in lines of about that many pixels. */
function lines(text: string, width: number): string[] {
  const most = width / 6.6;
  return text.split(" ").reduce<string[]>((done, word) => {
    const last = done.at(-1);
    return last === undefined || last.length + word.length >= most
      ? [...done, word]
      : [...done.slice(0, -1), `${last} ${word}`];
  }, []);
}
