import type { ChosenBackend } from "@awp/core";
import { percent, table } from "../terminal/table";
import { inImageScale } from "./config/image-scale";
import type { TrainConfig } from "./config/schema";
import type { Images } from "./images";
import { methods } from "./methods";
import type { RunResult } from "./run";

/** What is to be done, in a sentence without its end. */
export function planOf(config: TrainConfig, images: Images, backend: ChosenBackend, parallel: number): string {
  const titles = config.methods.map((name) => methods[name].title);
  const [height, width] = images.train.shape;
  const count = images.train.indices.length.toLocaleString("en");
  const source =
    config.data.name === "synthetic" ? `synthetic images of ${height}×${width}` : `images of ${config.data.name}`;
  const order = titles.length === 1 ? "" : parallel > 1 ? ", side by side" : ", one after the other";
  return (
    `Training ${config.network} with ${titles.join(" and ")} on ${count} ${source}: ` +
    `${config.epochs} epochs with PGD-${config.attack.steps} inside ${ball(config)}${order} on ${backend.name}`
  );
}

/** The results as a table of plain text; the robust gap is PGD's accuracy on train minus that on test. */
export function resultTable(config: TrainConfig, results: readonly RunResult[]): string {
  const by = `PGD-${config.evaluation.steps}`;
  const columns: readonly (readonly [string, (result: RunResult) => string])[] = [
    ["", ({ method }) => methods[method].title],
    ["train natural", ({ train }) => percent(train.natural)],
    [`train ${by}`, ({ train }) => percent(train.pgd)],
    ["test natural", ({ test }) => percent(test.natural)],
    ["test FGSM", ({ test }) => percent(test.fgsm)],
    [`test ${by}`, ({ test }) => percent(test.pgd)],
    ["robust gap", ({ train, test }) => percent(train.pgd - test.pgd)],
    ["ms a step", ({ secondsPerStep }) => (secondsPerStep === null ? "–" : (1000 * secondsPerStep).toFixed(0))],
  ];
  const rows = [columns.map(([title]) => title), ...results.map((result) => columns.map(([, cell]) => cell(result)))];
  const caption = `The last epoch's weights, ${ball(config)}; the robust gap is ${by} on train less ${by} on test.`;
  return `${caption}\n\n${table(rows)}`;
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
