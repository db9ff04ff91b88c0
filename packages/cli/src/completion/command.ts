import { Argument, Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context";
import { printLine } from "../terminal/terminal";
import { candidates } from "./candidates";
import { completionScripts } from "./scripts";

const help = `
Examples:
  source <(awp completion bash)                                  in ~/.bashrc
  source <(awp completion zsh)                                   in ~/.zshrc, behind compinit
  awp completion fish > ~/.config/fish/completions/awp.fish`;

/** `awp completion`: what a shell reads to complete the command's options, names and files. */
export function completionCommand({ terminal }: CommandContext) {
  return new Command("completion")
    .description("Print the script that completes this command's line in a shell.")
    .addArgument(new Argument("<shell>", "bash, zsh or fish").choices(["bash", "zsh", "fish"] as const))
    .addHelpText("after", help)
    .action((shell) => void terminal.stdout.write(completionScripts[shell]));
}

/** `awp complete`, which those scripts call: prints what may stand in place of the last word, a line each. */
export function completeCommand({ terminal }: CommandContext, program: Command) {
  return new Command("complete")
    .argument("[words...]")
    .allowUnknownOption()
    .helpOption(false)
    .action((words) => {
      for (const word of candidates(program, words)) printLine(terminal, word);
    });
}
