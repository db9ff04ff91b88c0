import { existsSync, realpathSync } from "node:fs";
import { Command } from "@commander-js/extra-typings";
import { readWeights, unwrapped, writeWeights } from "@awp/models/node";
import type { CommandContext } from "../command-context";
import { isWeightsFile } from "../model/weights-file";
import { printLine } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { contentLines } from "./content";

const help = `
What is inside tells what INPUT is, its ending what OUTPUT becomes. Nothing of a .pt is executed. All tensors are kept as
they are, counters too; load_state_dict takes what is written, from a .safetensors by safetensors.torch.load_file.

Examples:
  awp convert checkpoint.pt model.safetensors
  awp convert dmat.pt model.safetensors --key unaveraged_model_state_dict
  awp convert model.safetensors model.pt`;

/** `awp convert`: turns PyTorch's files of weights into safetensors, and back. */
export function convertCommand({ terminal }: CommandContext) {
  return new Command("convert")
    .description("Turn a .pt or .pth of PyTorch into a .safetensors, or back.")
    .argument("<input>", "a .pt or .pth of PyTorch, or a .safetensors")
    .argument("<output>", "the file to write: a .safetensors, .pt or .pth")
    .option("--key <name>", "which of several dicts of tensors; dots lead deeper (without it: the usual one)")
    .option("--keep-names", "with the module., model. and _orig_mod. that stand before all names")
    .addHelpText("after", help)
    .action(async (input, output, { key, keepNames = false }) => {
      if (!isWeightsFile(output)) {
        throw new UsageError(`OUTPUT: got ${output}, want a name that ends with .safetensors, .pt or .pth`);
      }
      if (isSameFile(input, output)) throw new UsageError(`OUTPUT: ${output} is INPUT itself, which stays as it is`);
      const read = await readWeights(input, {
        key,
        chosen: (name, others) => {
          const also = others.map((other) => `--key ${other}`).join(", ");
          terminal.stderr.write(`took ${name}; also there: ${also}\n`);
        },
      });
      const tensors = keepNames ? read : unwrapped(read);
      await writeWeights(tensors, output);
      for (const line of contentLines(output, read, tensors)) printLine(terminal, line);
    });
}

function isSameFile(input: string, output: string): boolean {
  return existsSync(input) && existsSync(output) && realpathSync(input) === realpathSync(output);
}
