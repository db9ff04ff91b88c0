import type { ChosenBackend } from "@awp/core";
import { percent, table } from "../terminal/table";
import { inImageScale } from "./config/image-scale";
import type { TrainConfig } from "./config/schema";
import type { Images } from "./images";
import { methods } from "./methods";
import type { RunResult } from "./run";
import { spread } from "./spread";
import type { Training } from "./training";

export interface Plan {
  /** What is left to train. */
  readonly trainings: readonly Training[];
  readonly backend: ChosenBackend;
  /** How many are trained at once. */
  readonly parallel: number;
  /** How many processes train one together. */
  readonly ranks: number;
}

/** What is to be done, in a sentence without its end. */
export function planOf(config: TrainConfig, images: Images, plan: Plan): string {
  const { trainings, backend, parallel, ranks } = plan;
  const titles = [...new Set(trainings.map(({ method }) => methods[method].title))];
  const [height, width] = images.train.shape;
  const count = images.train.indices.length.toLocaleString("en");
  const source =
    config.data.name === "synthetic" ? `synthetic images of ${height}×${width}` : `images of ${config.data.name}`;
  const from = new Set(trainings.map(({ seed }) => seed)).size;
  const all = trainings.length === titles.length * from;
  const seeds = !all ? `, ${trainings.length} trainings` : from === 1 ? "" : `, from ${from} seeds each`;
  const order = trainings.length === 1 ? "" : parallel > 1 ? ", side by side" : ", one after the other";
  const together = ranks === 1 ? "" : `, ${ranks} processes together`;
  return (
    `Training ${config.network} with ${titles.join(" and ")} on ${count} ${source}: ` +
    `${config.epochs} epochs with PGD-${config.attack.steps} inside ${ball(config)}${seeds}${order} on ${backend.name}${together}`
  );
}

/**
 * The results as a table of plain text, a row for each method; the robust gap is PGD's accuracy on train minus that on
 * test. From several seeds: means, with the standard deviation of one training behind them.
 */
export function resultTable(config: TrainConfig, results: readonly RunResult[]): string {
  const by = `PGD-${config.evaluation.steps}`;
  const columns: readonly (readonly [string, (of: readonly RunResult[]) => string])[] = [
    ["", ([first]) => (first === undefined ? "" : methods[first.method].title)],
    ...(config.seeds.length > 1 ? [["seeds", (of: readonly RunResult[]) => `${of.length}`] as const] : []),
    ["train natural", share(({ train }) => train.natural)],
    [`train ${by}`, share(({ train }) => train.pgd)],
    ["test natural", share(({ test }) => test.natural)],
    ["test FGSM", share(({ test }) => test.fgsm)],
    [`test ${by}`, share(({ test }) => test.pgd)],
    ["robust gap", share(({ train, test }) => train.pgd - test.pgd)],
    ["ms a step", milliseconds],
  ];
  const groups = config.methods.map((name) => results.filter(({ method }) => method === name));
  const rows = groups.filter(({ length }) => length > 0).map((of) => columns.map(([, cell]) => cell(of)));
  const several = config.seeds.length > 1 ? "; mean ± standard deviation over the seeds" : "";
  const caption = `The last epoch's weights, ${ball(config)}; the robust gap is ${by} on train less ${by} on test${several}.`;
  return `${caption}\n\n${table([columns.map(([title]) => title), ...rows])}`;
}

/** The mean of a share over the results, and how it varies where there are several. */
function share(of: (result: RunResult) => number): (results: readonly RunResult[]) => string {
  return (results) => {
    const { mean, deviation } = spread(results.map(of));
    return deviation === undefined ? percent(mean) : `${(100 * mean).toFixed(1)} ± ${percent(deviation)}`;
  };
}

function milliseconds(results: readonly RunResult[]): string {
  const times = results.flatMap(({ secondsPerStep }) => secondsPerStep ?? []);
  return times.length === 0 ? "–" : (1000 * spread(times).mean).toFixed(0);
}

function ball({ attack }: TrainConfig): string {
  return `${attack.norm === "linf" ? "ℓ∞" : "ℓ2"} ${inImageScale("attack.epsilon", attack.epsilon)}`;
}

/** How the command is called where it was called from. */
export function calledAs(script: string | undefined): string {
  if (script === undefined) return "awp";
  return script === "npx" ? "npx @awp/cli" : "npm run awp --";
}

/** What one may want to do after a run. */
export function nextSteps(config: TrainConfig, awp: string): readonly string[] {
  const commands =
    config.data.name === "synthetic"
      ? [[`${awp} train --data data --download`, "the same on CIFAR-10, fetched first (170 MB)"] as const]
      : [];
  const more = [
    ...commands,
    [`${awp} train --gamma 0.02`, "a larger perturbation of the weights"] as const,
    [`${awp} train --print-config`, "every setting, for a file that --config takes"] as const,
  ];
  const width = Math.max(...more.map(([command]) => command.length));
  return ["To try next:", ...more.map(([command, why]) => `  ${command.padEnd(width)}   ${why}`)];
}
