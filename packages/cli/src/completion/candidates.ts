import type { CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Parser } from "../options/parsers";

/**
 * What may stand in place of the last of `words`, which is begun or empty; none where a file may. The words are those
 * behind the program's name.
 */
export function candidates(program: CommandUnknownOpts, words: readonly string[]): readonly string[] {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const command = program.commands.find((each) => each.name() === before[0]) ?? program;
  const option = command.options.find((each) => each.long === before.at(-1) || each.short === before.at(-1));
  return found(option, command, current).filter((word) => word.startsWith(current));
}

function found(option: Option | undefined, command: CommandUnknownOpts, current: string): readonly string[] {
  if (option?.required === true) return valuesOf(option, current);
  if (current.startsWith("-")) {
    const shown = command.options.filter(({ hidden }) => !hidden);
    return [...shown.flatMap(({ long }) => long ?? []), "--help"];
  }
  const names = command
    .createHelp()
    .visibleCommands(command)
    .map((each) => each.name());
  return [...names, ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])];
}

/** The values of an option; of a list's last entry, behind those that stand there. */
function valuesOf({ parseArg }: Option, current: string): readonly string[] {
  const { candidates: values = [], several = false } = (parseArg ?? {}) as Partial<Parser<unknown>>;
  const begun = several ? current.slice(0, current.lastIndexOf(",") + 1) : "";
  return values.map((value) => begun + value);
}
