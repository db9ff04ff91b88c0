import { AwpError } from "@awp/core";

/** What is timed on both sides, by the names that bench/pytorch/main.py knows. */
export const figures = ["forward", "input-gradient", "all-gradients", "step"] as const;

export type Figure = (typeof figures)[number];

/** What a side process is asked for. */
export interface FigureCase {
  /** `preactresnet18`, `preactresnet34` or `wrn-DEPTH-WIDEN`. */
  readonly network: string;
  readonly batch: number;
  readonly what: Figure;
}

/** How our side runs a figure. */
export interface OurOptions {
  /** Whether the step goes by way of `compileStep`, as it always does on CUDA. */
  readonly recorded: boolean;
  /** The type in which torch stores what convolutions make. @default "bfloat16" on CUDA, as PyTorch's tuned side, else "float32" */
  readonly storage?: Storage;
}

/** What PyTorch's tuned side runs on CUDA, by the names that bench/pytorch/main.py knows. */
export const engines = ["best", "compile", "graph", "eager"] as const;

export type Engine = (typeof engines)[number];

export const storages = ["float32", "bfloat16"] as const;

type Storage = (typeof storages)[number];

/** How long a figure takes, by the wall's clock and summed over the processor's threads. */
export interface Duration {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** The cases that are run when none is named; `wrn-34-10:128` is one for a GPU. */
export const defaultCases: readonly string[] = ["preactresnet18:32", "preactresnet18:128", "wrn-16-4:128"];

/** Reads `NETWORK:BATCH`. */
export function networkCase(text: string): Pick<FigureCase, "network" | "batch"> {
  const [network = "", size] = text.split(":");
  const batch = Number(size);
  if (network === "" || !Number.isSafeInteger(batch) || batch < 1) {
    throw new AwpError(`--case: got ${text}, wanted NETWORK:BATCH as in preactresnet18:32`);
  }
  return { network, batch };
}
