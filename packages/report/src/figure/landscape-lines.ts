import { ArgumentError } from "@awp/core";
import { type ImagesKind, type LandscapeLine, landscapeLinesOf, type Measure } from "../data/landscape-line";
import { requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import type { Json } from "../json";
import { dashed, named, namedTwice } from "./encoding";
import { landscapeView, landscapeWords } from "./landscape-view";
import { type Figure, figure, type View } from "./view";

export interface LandscapeLinesOptions {
  /** Which epochs of each run. @default "last" */
  readonly epochs?: "last" | "all";
  /** Which images' figures. @default every kind that there is */
  readonly kinds?: readonly ImagesKind[];
  /** @default "loss" */
  readonly measure?: Measure;
  /** Whether g(α) − g(0) is drawn, to compare shapes, in the place of g(α). @default false */
  readonly relative?: boolean;
}

/** What the kinds of images are called in legends. */
const kindNames: Readonly<Record<ImagesKind, string>> = {
  adversarial: "attacked anew at each α",
  pregenerated: "attacked at α = 0",
  clean: "clean",
};

/**
 * One-dimensional weight-loss landscapes, a view for each split: on adversarial images made anew at each α, on those made at
 * the centre and on clean ones. Several directions of one kind around the same weights are a mean with a band of one
 * standard deviation.
 *
 * @example
 * await writeFigure("landscapes.svg", landscapeLines(runs, { relative: true }));
 * @throws ArgumentError where there is no run, two have one name or none has such a landscape, or where `relative` meets a
 * landscape without a point at α = 0
 */
export function landscapeLines(runs: readonly RunFigures[], options: LandscapeLinesOptions = {}): Figure {
  const { epochs = "last", kinds = ["adversarial", "pregenerated", "clean"], measure, relative } = options;
  requireRuns(runs);
  const lines = runs.flatMap((run) => {
    const all = kinds.flatMap((kind) => landscapeLinesOf(run, { kind, measure, relative }));
    const last = Math.max(...all.map(({ epoch }) => epoch));
    return epochs === "all" ? all : all.filter(({ epoch }) => epoch === last);
  });
  if (lines.length === 0) {
    throw new ArgumentError("one-dimensional landscapes", 0, `at least one with images ${kinds.join(" or ")}`);
  }
  const splits = [...new Set(lines.map(({ split }) => split))].sort((a, b) => b.localeCompare(a)); // train first
  const nameOf = naming(lines);
  const view = (split: string): View => {
    const here = lines.filter((line) => line.split === split);
    return landscapeView({
      title: `Split ${split}`,
      lines: here,
      encoding: encoding(lines, nameOf),
      rowOf: (line) => ({ series: nameOf(line), images: kindNames[line.kind] }),
      measure,
      relative,
    });
  };
  return figure({
    title: `${relative === true ? "Shape of the weight-loss landscape" : "Weight-loss landscape"}${
      runs.length === 1 ? ` of ${runs[0]!.name}` : ""
    }`,
    subtitle: landscapeWords(lines),
    views: splits.map((split) => ({ width: 380, height: 280, ...view(split) })),
  });
}

/** Series in colours and kinds of images in dashes; kinds in both where there is one series. */
function encoding(lines: readonly LandscapeLine[], nameOf: (line: LandscapeLine) => string): Record<string, Json> {
  const series = [...new Set(lines.map(nameOf))];
  const kinds = [...new Set(lines.map(({ kind }) => kindNames[kind]))];
  if (series.length === 1) return namedTwice("images", null, kinds);
  return {
    color: named("series", "weights", series),
    strokeDash: dashed("images", "images", kinds),
  };
}

/** The name of a line by what not all of them have in common, the kind of images and the split aside. */
function naming(lines: readonly LandscapeLine[]): (line: LandscapeLine) => string {
  const parts = [
    (line: LandscapeLine) => line.run,
    ({ epoch }: LandscapeLine) => `epoch ${epoch}`,
    ({ attack }: LandscapeLine) => attack,
    ({ direction }: LandscapeLine) => direction,
  ];
  const telling = parts.filter((part) => new Set(lines.map(part)).size > 1);
  return (line) => (telling.length === 0 ? [parts[0]!] : telling).map((part) => part(line)).join(", ");
}
