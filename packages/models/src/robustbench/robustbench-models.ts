import { ArgumentError } from "@awp/core";
import { cifar100Linf } from "./cifar100-linf";
import { cifar10L2 } from "./cifar10-l2";
import { cifar10Linf } from "./cifar10-linf";
import type { RobustBenchModel } from "./robustbench-model";

/**
 * The models of RobustBench's leaderboards of CIFAR-10 in ℓ∞ and ℓ2 and of CIFAR-100 in ℓ∞, each best first: its top 20, and
 * most of what RobustBench loads beyond them. Figures are those that it published (arXiv:2010.09670), not ours.
 *
 * @example
 * const loadable = robustBenchModels.filter(({ network }) => network !== undefined);
 */
export const robustBenchModels: readonly RobustBenchModel[] = /* @__PURE__ */ [
  cifar10Linf,
  cifar10L2,
  cifar100Linf,
].flatMap((models) => models());

export interface RobustBenchChoice {
  readonly dataset?: RobustBenchModel["dataset"];
  readonly threatModel?: RobustBenchModel["threatModel"];
}

/**
 * The model of RobustBench by its name. Where leaderboards share the name and nothing else is said, the one of CIFAR-10, and
 * of ℓ∞, as RobustBench has it.
 *
 * @throws ArgumentError for a name that is not in the table, with the names most like it.
 * @example
 * const model = robustBenchModel("Wu2020Adversarial", { threatModel: "l2" });
 * const network = model.network?.({ random: random(0) });
 */
export function robustBenchModel(name: string, { dataset, threatModel }: RobustBenchChoice = {}): RobustBenchModel {
  const there = robustBenchModels.filter(
    (model) => model.dataset === (dataset ?? model.dataset) && model.threatModel === (threatModel ?? model.threatModel),
  );
  const found = there.find((model) => model.name === name);
  if (found === undefined) {
    const board = [dataset, threatModel].filter((chosen) => chosen !== undefined).join(" ") || "any leaderboard";
    throw new ArgumentError("name", name, `a name of ${board}, like ${nearest(name, there).join(", ")}`);
  }
  return found;
}

/** The five names that begin most like this one. */
function nearest(name: string, models: readonly RobustBenchModel[]): readonly string[] {
  const names = [...new Set(models.map((model) => model.name))];
  const shared = new Map(names.map((other) => [other, commonBeginning(name.toLowerCase(), other.toLowerCase())]));
  return names.sort((a, b) => (shared.get(b) as number) - (shared.get(a) as number)).slice(0, 5);
}

function commonBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length;
}
