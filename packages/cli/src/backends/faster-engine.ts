import { spawnSync } from "node:child_process";
import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ChosenBackend } from "@awp/core";

/** What building the engine brings, as measured for the README of the project. */
export const gain = "about 5 times as fast as wasm in the project's demo, on 2 cores";

/**
 * One line of advice where a compiler and a libtorch are there and the engine is not built, or does not load; undefined
 * where nothing faster is to be had at once, or the backend was the user's own choice.
 *
 * Looks for both with a program of `@awp/backend-torch`, for about a second.
 */
export function fasterEngine({ name, device, reason }: ChosenBackend): string | undefined {
  if (reason === "asked for" || name === "torch" || device.includes("CUDA")) return undefined;
  const engine = torchEngine();
  return engine?.canBeBuilt() === true
    ? `A compiler and a libtorch are here, but no engine that loads: \`${engine.command}\` builds it (${gain})`
    : undefined;
}

/** The package `@awp/backend-torch` where it is installed. */
export interface TorchEngine {
  /** What builds it. */
  readonly command: string;
  /** Whether a compiler and a libtorch are there. */
  canBeBuilt(): boolean;
}

/** The engine's package, or undefined where it is not installed. */
export function torchEngine(): TorchEngine | undefined {
  const folder = packageFolder("@awp/backend-torch");
  if (folder === undefined) return undefined;
  // In the workspace the package is a link out of node_modules.
  const installed = realpathSync(folder).split(/[\\/]/).includes("node_modules");
  const build = join(folder, "build", "build.mjs");
  return {
    command: installed ? "npx awp-backend-torch build" : "npm run build:native",
    canBeBuilt: () => spawnSync(process.execPath, [build, "build", "--dry-run"], { stdio: "ignore" }).status === 0,
  };
}

function packageFolder(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
