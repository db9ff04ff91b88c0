import { type BackendStatus, probeBackends, useBackend } from "@awp/core";
import { Command } from "@commander-js/extra-typings";
import type { CommandContext } from "../command-context";
import { printLine } from "../terminal/terminal";
import { torchEngine } from "./faster-engine";
import { nextStep } from "./next-step";

/** What is there to compute on: the document of `awp backends --json`. */
export interface BackendsReport {
  /** The backend that is taken where none is asked for. */
  readonly chosen: string;
  readonly backends: readonly BackendStatus[];
  /** The one thing to do for a faster one, where there is one. */
  readonly next?: string;
}

/** `awp backends`: what loads, on what, why not the others, and what to do for a faster one. */
export function backendsCommand({ terminal }: CommandContext) {
  return new Command("backends")
    .description("Tell which backends load here, on what device, and what to do for a faster one.")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nThe other commands take the one marked ▸ unless told otherwise by --backend.")
    .action(async ({ json }) => {
      const report = await backendsReport();
      printLine(terminal, json === true ? JSON.stringify(report, null, 2) : backendsText(report));
    });
}

async function backendsReport(): Promise<BackendsReport> {
  const backends = await probeBackends();
  const { name } = await useBackend();
  const next = nextStep(name, backends, torchEngine());
  return { chosen: name, backends, ...(next === undefined ? {} : { next }) };
}

/** The report as lines of text, one for each backend. */
export function backendsText({ chosen, backends, next }: BackendsReport): string {
  const lines = backends.map((status) => {
    // Reasons can go on for lines; the first sentence says why, and `next` what to do.
    const [words] = (status.loads ? status.device : `no: ${status.reason}`).split(/\n|\. (?=[A-Z])/);
    return `${status.name === chosen ? "▸" : " "} ${status.name.padEnd(10)}  ${words}`;
  });
  return [...lines, ...(next === undefined ? [] : ["", `Next: ${next}`])].join("\n");
}
