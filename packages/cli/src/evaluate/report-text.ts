import { percent, table } from "../terminal/table";
import { publishedTable } from "./published";
import { radius } from "./radius";
import type { Subject, Totals } from "./report";

type RunFigures = Totals["runs"][number];

/**
 * An evaluation as text: accuracy by attack and radius, AutoAttack's stages where it ran alone, its flags, and of a model of
 * RobustBench what is published beside it.
 */
export function reportText(totals: Totals & Pick<Subject, "published">): string {
  const { runs } = totals;
  const [only] = runs.length === 1 ? runs : [];
  const parts = [only?.autoAttack === undefined ? accuracyTable(totals) : stageTable(only)];
  for (const { attack, epsilon, autoAttack } of runs) {
    const where = runs.length === 1 ? "" : `${attack} at ${radius(epsilon)}: `;
    for (const { kind, advice } of autoAttack?.flags ?? []) parts.push(`${where}${kind}: ${advice}`);
  }
  if (totals.published) parts.push("", publishedTable(totals.published, totals));
  return parts.join("\n");
}

function accuracyTable({ norm, naturalAccuracy, accuracies, runs }: Totals): string {
  const attacks = [...new Set(runs.map(({ attack }) => attack))];
  const epsilons = accuracies.map(({ epsilon }) => epsilon);
  const run = (attack: string, epsilon: number): RunFigures | undefined =>
    runs.find((each) => each.attack === attack && each.epsilon === epsilon);
  const rows = attacks.map((attack) => {
    const own = epsilons.map((epsilon) => run(attack, epsilon));
    const seconds = own.reduce((sum, each) => sum + (each?.seconds ?? 0), 0);
    return [attack, ...own.map((each) => percent(each?.robustAccuracy ?? Number.NaN)), seconds.toFixed(1)];
  });
  const together = ["all of them", ...accuracies.map(({ robustAccuracy }) => percent(robustAccuracy))];
  return table([
    ["accuracy", ...epsilons.map((epsilon) => `${norm} ${radius(epsilon)}`), "seconds"],
    ["no attack", ...epsilons.map(() => percent(naturalAccuracy)), ""],
    ...rows,
    ...(attacks.length > 1 ? [[...together, ""]] : []),
  ]);
}

function stageTable({ naturalAccuracy, examples, autoAttack }: RunFigures): string {
  return table([
    ["stage", "attacked", "broken", "robust", "seconds", "forward", "backward"],
    ["natural", `${examples}`, "", percent(naturalAccuracy), "", "", ""],
    ...(autoAttack?.stages ?? []).map(({ name, attacked, broken, robustAccuracy, seconds, passes }) => [
      name,
      `${attacked}`,
      `${broken}`,
      percent(robustAccuracy),
      seconds.toFixed(1),
      `${passes.forward}`,
      `${passes.backward}`,
    ]),
  ]);
}
