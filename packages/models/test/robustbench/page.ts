import type { RobustBenchModel } from "../../src";
import { rankedAccuracy } from "../../src/robustbench/robustbench-model";

const titles = {
  "cifar10 linf": "CIFAR-10, ℓ∞ at 8/255",
  "cifar10 l2": "CIFAR-10, ℓ2 at 0.5",
  "cifar100 linf": "CIFAR-100, ℓ∞ at 8/255",
} as const;

const beginning = `# RobustBench's models

Made of the table in packages/models/src/robustbench by its test: \`npx vitest run --project models robustbench -u\`.

Names, figures and addresses are those that [RobustBench](https://robustbench.github.io) published
([arXiv:2010.09670](https://arxiv.org/abs/2010.09670)); we have not measured them. A leaderboard ranks by the accuracy under
the strongest published attack: where that is another than AutoAttack, both figures are given. "Loads" means that
\`robustBenchModel(name).network\` builds the network: its parameters have the names that RobustBench's has, and tests hold
narrow ones of every kind to a definition in PyTorch, with random weights from PyTorch's files. The published files
themselves were not at hand.
`;

/** The documentation's page of the table. */
export function page(models: readonly RobustBenchModel[]): string {
  const boards = Object.entries(titles).map(([board, title]) => {
    const own = models.filter(({ dataset, threatModel }) => `${dataset} ${threatModel}` === board);
    const top = own.slice(0, 20);
    const loads = top.filter(({ network }) => network !== undefined).length;
    const others = own.slice(20).filter(({ network }) => network !== undefined);
    return [
      `\n## ${title}\n\n${loads} of the top ${top.length} load.\n`,
      "| | model | our network | loads | clean | AutoAttack | stronger |",
      "|---:|---|---|---|---:|---:|---:|",
      ...top.map(row),
      `\nBeyond the top 20, these load too: ${others.map(({ name }) => name).join(", ")}.\n`,
    ].join("\n");
  });
  return beginning + boards.join("");
}

function row(model: RobustBenchModel, index: number): string {
  const { name, paper, architecture, unsupported, cleanAccuracy, autoAttackAccuracy } = model;
  const stronger = model.externalAccuracy === undefined ? "" : percent(rankedAccuracy(model));
  const loads = unsupported === undefined ? "yes" : `no: ${unsupported}`;
  const figures = [percent(cleanAccuracy), percent(autoAttackAccuracy), stronger];
  return `| ${[index + 1, `[${name}](${paper})`, architecture, loads, ...figures].join(" | ")} |`;
}

const percent = (fraction: number): string => (100 * fraction).toFixed(2);
