import { ArgumentError } from "@awp/core";
import { requireRuns } from "../data/require-runs";
import type { RunFigures } from "../run-figures";
import { accuracyAxis, namedTwice, shown } from "./encoding";
import type { LandscapesAlongTraining } from "./gap-along-training";
import { landscapeView, landscapeWords } from "./landscape-view";
import { lastLines, outcomes } from "./methods-view";
import { type Figure, figure } from "./view";

/**
 * Robust accuracy, robust generalization gap and weight-loss landscape over AWP's radius γ: figure 2 of Wu, Xia and Wang
 * 2020 (arXiv:2004.05884).
 *
 * @example
 * await writeFigure("gamma.svg", gammaAblation(runs, ({ settings }) => Number(settings["awp.gamma"] ?? 0)));
 * @param gammaOf - a run's γ; 0 for one without AWP
 * @throws ArgumentError where there is no run, two have one name or one γ, or one has no landscape or no robust accuracy on
 * both splits
 */
export function gammaAblation(
  runs: readonly RunFigures[],
  gammaOf: (run: RunFigures) => number,
  { split = "train" }: LandscapesAlongTraining = {},
): Figure {
  requireRuns(runs);
  const gammas = gammasOf(runs, gammaOf);
  const ordered = [...runs].sort((a, b) => gammas.get(a.name)! - gammas.get(b.name)!);
  const rows = outcomes(ordered).map((row) => ({ ...row, gamma: gammas.get(row.method)! }));
  const lines = lastLines(ordered, split);
  const points = rows.flatMap(({ method, gamma, attack, ...of }) =>
    (["train", "test"] as const).map((images) => ({ method, gamma, attack, images, accuracy: of[images] })),
  );
  const x = { field: "gamma", type: "ordinal", title: "γ, radius relative to each layer", axis: gammaAxis };
  const tooltip = [shown("method", "run"), shown("gamma", "γ", "~g")];
  return figure({
    title: "Robust accuracy, gap and weight-loss landscape by γ",
    subtitle: landscapeWords(lines),
    views: [
      {
        title: "Robust accuracy",
        data: { values: points },
        mark: { type: "line", point: { filled: true, size: 45 } },
        encoding: {
          x,
          y: accuracyAxis("Robust accuracy"),
          ...namedTwice("images", "images", ["train", "test"]),
          tooltip: [...tooltip, shown("images", "images"), shown("accuracy", "robust accuracy", ".1%")],
        },
      },
      {
        title: "Gap, train − test",
        data: { values: rows.map(({ method, gamma, gap }) => ({ method, gamma, gap })) },
        mark: { type: "line", style: "difference", point: { filled: true, size: 45, style: "difference" } },
        encoding: {
          x,
          y: { field: "gap", type: "quantitative", title: "Gap (percentage points)" },
          tooltip: [...tooltip, shown("gap", "gap (points)", ".1f")],
        },
      },
      landscapeView({
        title: `Weight-loss landscape, ${split}`,
        lines,
        encoding: { color: { field: "gamma", type: "ordinal", title: "γ", legend: { symbolType: "stroke" } } },
        rowOf: ({ run }) => ({ series: `γ = ${gammas.get(run)!}`, gamma: gammas.get(run)! }),
      }),
    ],
    independent: ["color", "strokeDash"],
  });
}

const gammaAxis = { labelAngle: 0, grid: true } as const;

function gammasOf(runs: readonly RunFigures[], gammaOf: (run: RunFigures) => number): ReadonlyMap<string, number> {
  const runOf = new Map<number, string>();
  for (const run of runs) {
    const gamma = gammaOf(run);
    if (!(gamma >= 0)) throw new ArgumentError(`gamma of ${run.name}`, gamma, "a number of at least 0");
    const other = runOf.get(gamma);
    if (other !== undefined)
      throw new ArgumentError(`gamma of ${run.name}`, gamma, `another one than that of ${other}`);
    runOf.set(gamma, run.name);
  }
  return new Map([...runOf].map(([gamma, name]) => [name, gamma]));
}
