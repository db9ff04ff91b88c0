import { join } from "node:path";
import { useBackend } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";
import { writeWhole } from "@awp/core/node";
import { disposeNetwork } from "@awp/models";
import {
  type HubFiles,
  hubFiles,
  hubNetwork,
  hubReference,
  loadWeights,
  pushToHub,
  requireHubToken,
} from "@awp/models/node";
import type { CommandContext } from "../command-context";
import { type Progress, progressOn } from "../terminal/progress";
import { interruptible } from "../terminal/signals";
import { printLine } from "../terminal/terminal";
import { UsageError } from "../usage-error";
import { type PushCommandOptions, pushOptions } from "./options";
import { type PushSubject, pushSubject } from "./subject";

/** `awp push`: puts a network on the Hugging Face hub. */
export function pushCommand({ terminal }: CommandContext) {
  return pushOptions().action(async (source, repo, options) => {
    requireUsable(repo, options);
    if (options.dryRun === undefined) await requireHubToken();
    const subject = await pushSubject(source, options);
    const files = { ...(await filesOf(subject, repo, options.license)), ...subject.beside };
    if (options.dryRun !== undefined) {
      const folder = options.dryRun === true ? join("hub", repo) : options.dryRun;
      for (const [name, content] of Object.entries(files)) await writeWhole(join(folder, name), content);
      for (const [name, content] of Object.entries(files))
        printLine(terminal, `${join(folder, name)}  ${sizeOf(content)}`);
      return;
    }
    const progress = progressOn(terminal, { quiet: options.quiet === true });
    try {
      const { url, commit } = await pushed(repo, files, options, progress);
      progress.stop();
      printLine(terminal, `${url}  commit ${commit.slice(0, 7)}`);
    } finally {
      progress.stop();
    }
  });
}

function requireUsable(repo: string, { license }: PushCommandOptions): void {
  try {
    const { repo: whole } = hubReference(repo);
    requireArgument(whole === repo, "repo", repo, "OWNER/NAME and nothing behind it");
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  if (license !== undefined && !/^[a-z][a-z0-9.-]*$/.test(license)) {
    throw new UsageError(`--license is ${license}, want a name as the hub has it: mit, apache-2.0, cc-by-4.0, other`);
  }
}

/** Goes through a network: what is pushed is whole, and fits its configuration. */
async function filesOf({ weights, config, card }: PushSubject, repo: string, license?: string): Promise<HubFiles> {
  await useBackend("cpu"); // nothing is computed
  const network = hubNetwork(config);
  try {
    await loadWeights(network, weights, { unused: ["sub_block1."] });
    return await hubFiles(network, config, { ...card, repo, ...(license !== undefined && { license }) });
  } finally {
    disposeNetwork(network);
  }
}

function pushed(repo: string, files: HubFiles, options: PushCommandOptions, progress: Progress) {
  const task = progress.task(`hf:${repo}`);
  const names = Object.keys(files);
  const onProgress = ({ file, share }: { readonly file: string; readonly share: number }): void =>
    task.update((names.indexOf(file) + share) / names.length, file);
  const { private: hidden = false, message } = options;
  return interruptible((signal) => pushToHub(repo, files, { private: hidden, message, onProgress, signal }));
}

function sizeOf(content: string | Uint8Array): string {
  return `${(Buffer.byteLength(content) / 1e3).toFixed(1)} kB`;
}
