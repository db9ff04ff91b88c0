import type { ChosenBackend } from "@awp/core";

export function fasterEngine(_backend: ChosenBackend): string | undefined {
  return undefined;
}
