import type { CommandContext } from "../command-context";
import { UsageError } from "../usage-error";
import { readConfigFile } from "./config/config-file";
import { valuesOf } from "./config/from-recipe";
import { differences } from "./config/identity";
import { printConfig } from "./config/print";
import { resolveConfig, type Values } from "./config/resolve";
import type { TrainConfig } from "./config/schema";
import { settingsIn, trainOptions } from "./options";
import { earlierRun, runIn } from "./run-folder";
import { trainAll } from "./train-all";

/** `awp train`: trains with each method and compares them. */
export function trainCommand(context: CommandContext) {
  return trainOptions().action(async (options) => {
    const { recipe, dryRun = false, printConfig: printed = false, download = false, processes = 1, share } = options;
    const { maxTime, json = false, quiet = false, requeue = false } = options;
    const overrides = settingsIn(options);
    requireTogether(options);
    if (processes > 1) return context.launch(processes);
    const given = options.config === undefined ? undefined : await readConfigFile(options.config);
    const asked = resolveConfig(given, overrides, recipe === undefined ? {} : valuesOf(recipe));
    if (download) requireDownload(asked);
    const again = requeue ? "--requeue" : share === undefined ? undefined : "--share";
    if (again !== undefined && asked.output === null)
      throw new UsageError(`${again}: --output is missing, the folder that each start finds again`);
    if (printed && options.resume !== true) return void context.terminal.stdout.write(printConfig(asked));
    const ranks = await context.join(options.rankTimeout);
    const named = given !== undefined || recipe !== undefined;
    const { folder, config } = await ranks.first("settings", async () => {
      // What is to be done again, or by several at once, begins the run where it is not there.
      if (asked.output !== null && again !== undefined) await runIn(asked.output, asked);
      else if (options.resume !== true) return { folder: undefined, config: asked };
      return resumed(asked, named ? undefined : overrides);
    });
    if (printed) return void context.terminal.stdout.write(printConfig(config));
    const all = { folder, dryRun, download, maxTime, json, quiet, share, requeue };
    context.exitWith(await trainAll(config, all, context.terminal, ranks));
  });
}

type Options = ReturnType<ReturnType<typeof trainOptions>["opts"]>;

function requireTogether({ resume, dryRun, recipe, requeue, share }: Options): void {
  const kept = resume === true ? "--resume" : requeue === true ? "--requeue" : share && "--share";
  if (kept !== undefined && dryRun === true)
    throw new UsageError(`--dry-run keeps nothing, and ${kept} goes on with what was kept`);
  if (resume === true && recipe !== undefined)
    throw new UsageError("--recipe is of a new run; --resume knows its own settings");
}

function requireDownload({ data }: TrainConfig): void {
  if (data.name === "synthetic") throw new UsageError("--download: --data says where to, and is missing");
  if (data.name === "svhn") throw new UsageError("--download: CIFAR-10 or CIFAR-100; fetch SVHN's .mat files yourself");
}

/**
 * An earlier run's folder and its settings, which those asked for may not change where that made another training of it;
 * with `overrides` they stand above its own.
 */
async function resumed(
  asked: TrainConfig,
  overrides: Values | undefined,
): Promise<{ readonly folder: string; readonly config: TrainConfig }> {
  const { folder, file } = await earlierRun(asked.output);
  const stored = resolveConfig(file, {});
  const config = overrides === undefined ? asked : resolveConfig(file, overrides);
  const changed = differences(stored, config);
  if (changed.length > 0) {
    throw new UsageError(
      `${folder} is of another training: ${changed.join("; ")}; leave that out, or name another --output`,
    );
  }
  return { folder, config };
}
