import type { CommandContext } from "../command-context";
import { UsageError } from "../usage-error";
import { type ConfigFile, readConfigFile } from "./config/config-file";
import { valuesOf } from "./config/from-recipe";
import { differences } from "./config/identity";
import { printConfig } from "./config/print";
import { resolveConfig, type Values } from "./config/resolve";
import type { TrainConfig } from "./config/schema";
import { settingsIn, trainOptions } from "./options";
import { earlierRun } from "./run-folder";
import { trainAll } from "./train-all";

/** `awp train`: trains with each method and compares them. */
export function trainCommand(context: CommandContext) {
  return trainOptions().action(async (options) => {
    const {
      config: path,
      recipe,
      resume = false,
      dryRun = false,
      printConfig: printed = false,
      download = false,
    } = options;
    if (resume && dryRun) throw new UsageError("--dry-run keeps nothing, and --resume goes on with what was kept");
    if (resume && recipe !== undefined)
      throw new UsageError("--recipe is of a new run; --resume knows its own settings");
    const overrides = settingsIn(options);
    const given = path === undefined ? undefined : await readConfigFile(path);
    const base = recipe === undefined ? {} : valuesOf(recipe);
    const earlier = resume ? await resumed(given, overrides) : undefined;
    const config = earlier?.config ?? resolveConfig(given, overrides, base);
    if (printed) return void context.terminal.stdout.write(printConfig(config));
    if (download) requireDownload(config);

    const { maxTime, json = false, quiet = false } = options;
    const folder = earlier?.folder;
    context.exitWith(await trainAll(config, { folder, dryRun, download, maxTime, json, quiet }, context.terminal));
  });
}

function requireDownload({ data }: TrainConfig): void {
  if (data.name === "synthetic") throw new UsageError("--download: --data says where to, and is missing");
  if (data.name === "svhn") throw new UsageError("--download: CIFAR-10 or CIFAR-100; fetch SVHN's .mat files yourself");
}

/** An earlier run's folder and its settings, which the options may not change where that made another training of it. */
async function resumed(
  given: ConfigFile | undefined,
  overrides: Values,
): Promise<{ readonly folder: string; readonly config: TrainConfig }> {
  const asked = resolveConfig(given, overrides);
  const { folder, file } = await earlierRun(asked.output);
  const stored = resolveConfig(file, {});
  const config = given === undefined ? resolveConfig(file, overrides) : asked;
  const changed = differences(stored, config);
  if (changed.length > 0) {
    throw new UsageError(
      `--resume: ${folder} is of another training: ${changed.join("; ")}; leave that out, or train anew`,
    );
  }
  return { folder, config };
}
