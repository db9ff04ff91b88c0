import type { RobustBenchModel } from "@awp/models";
import { percent, table } from "../terminal/table";
import type { PublishedFigures, Totals } from "./report";
import { radius } from "./radius";

/** The figures of a line of RobustBench's leaderboards, which are of all test images. */
export function publishedFigures(model: RobustBenchModel): PublishedFigures {
  const { name, threatModel: norm, epsilon, cleanAccuracy, autoAttackAccuracy, paper } = model;
  return { name, norm, epsilon, examples: 10_000, cleanAccuracy, autoAttackAccuracy, paper };
}

/** What is published, and what was found here under the same attack, beside each other. */
export function publishedTable(published: PublishedFigures, totals: Totals): string {
  const { norm, epsilon } = published;
  const ours = totals.runs.find(
    (run) => run.attack === "autoattack" && run.norm === norm && run.epsilon === epsilon,
  )?.robustAccuracy;
  const hundredths = (share: number): string => percent(share, 2);
  return table([
    [published.name, "images", "clean", `AutoAttack ${norm} ${radius(epsilon)}`],
    [
      "published",
      `${published.examples}`,
      hundredths(published.cleanAccuracy),
      hundredths(published.autoAttackAccuracy),
    ],
    [
      "here",
      `${totals.examples}`,
      hundredths(totals.naturalAccuracy),
      ours === undefined ? "not run" : hundredths(ours),
    ],
  ]);
}
