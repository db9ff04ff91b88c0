import { type RobustBenchModel, robustBenchModels } from "@awp/models";
import { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context";
import { radius } from "../evaluate/radius";
import { printLine } from "../terminal/terminal";
import { percent, table } from "../terminal/table";

/** `awp models`: the models of RobustBench that `--from robustbench:NAME` takes, with their published figures. */
export function modelsCommand({ terminal }: CommandContext) {
  return new Command("models")
    .description("List the models of RobustBench's leaderboards that --from robustbench:NAME takes.")
    .option("--json", "one JSON document, with those that cannot be built and why")
    .addHelpText(
      "after",
      "\nAccuracies are the published ones. Where boards share a name: --from robustbench:cifar10/l2/NAME",
    )
    .action(({ json }) => {
      const lines = robustBenchModels.map(({ network, weights: _, ...rest }) => ({
        ...rest,
        built: network !== undefined,
      }));
      printLine(terminal, json === true ? JSON.stringify(lines, null, 2) : modelsText(robustBenchModels));
    });
}

/** A table of the models whose networks are there. */
function modelsText(models: readonly RobustBenchModel[]): string {
  const built = models.filter(({ network }) => network !== undefined);
  const hundredths = (share: number): string => percent(share, 2);
  return table([
    ["name", "images", "radius", "network", "clean", "AutoAttack"],
    ...built.map(({ name, dataset, threatModel, epsilon, architecture, cleanAccuracy, autoAttackAccuracy }) => [
      ...[name, dataset, `${threatModel} ${radius(epsilon)}`, architecture],
      ...[hundredths(cleanAccuracy), hundredths(autoAttackAccuracy)],
    ]),
  ]);
}
