import { requireArgument } from "@awp/core";

/** Throws an `ArgumentError` unless `count` is a positive integer. */
export function requireCount(argument: string, count: number): void {
  requireArgument(Number.isSafeInteger(count) && count >= 1, argument, count, "a positive integer");
}
