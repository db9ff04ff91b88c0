import { Argument, Command, Option } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context";
import { choice, integer } from "../options/parsers";
import { readRuns } from "../runs/read-runs";
import { printLine } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { figureNames, figures } from "./figures";

const endings = [".svg", ".png", ".html", ".json"];

/** `awp figure`: draws one figure of trainings into a file. */
export function figureCommand({ terminal }: CommandContext) {
  return new Command("figure")
    .description("Draw a figure of trainings and their landscapes.")
    .addArgument(new Argument("<name>", "what to draw").choices(figureNames))
    .argument("<runs...>", "folders of runs, or of single trainings in them")
    .requiredOption("-o, --output <file>", `where to, as its name ends: ${endings.join(", ")} (vega-lite)`)
    .addOption(
      new Option("--theme <name>", "light or dark")
        .argParser(choice(["light", "dark"] as const))
        .default("light" as const),
    )
    .addOption(new Option("--split <name>", "whose landscapes").argParser(choice(["train", "test"])).default("train"))
    .option("--relative", "landscape-lines: g(α) − g(0), to compare shapes")
    .addOption(new Option("--scale <pixels>", "of a PNG, for each of the figure").argParser(integer(1)).default(2))
    .action(async (name, folders, { output, theme, split, relative = false, scale }) => {
      if (!endings.some((ending) => output.endsWith(ending))) {
        throw new UsageError(`--output: got ${output}, want a name that ends with ${endings.join(", ")}`);
      }
      const runs = await readRuns(folders);
      const figure = figures[name](
        runs.map(({ figures: each }) => each),
        { split, relative },
      );
      // Loaded here and not before: it brings the libraries that draw.
      const { writeFigure } = await import("@awp/report/node");
      await writeFigure(output, figure, { theme, scale });
      printLine(terminal, output);
    });
}
