import { requireArgument } from "@awp/core";

/** Throws an `ArgumentError` unless `count` is a positive integer. */
export function requireCount(argument: string, count: number): void {
  requireArgument(Number.isSafeInteger(count) && count >= 1, argument, count, "a positive integer");
}

/** Throws an `ArgumentError` unless `length` is finite and not negative. */
export function requireLength(argument: string, length: number): void {
  requireArgument(Number.isFinite(length) && length >= 0, argument, length, "a finite number, not negative");
}

/** Throws an `ArgumentError` unless `value` is finite and positive. */
export function requirePositive(argument: string, value: number): void {
  requireArgument(Number.isFinite(value) && value > 0, argument, value, "a finite number above 0");
}

/** Throws an `ArgumentError` unless `value` is one of `choices`. */
export function requireChoice<T extends string>(argument: string, value: T, choices: readonly T[]): void {
  const wanted = choices.map((name) => `"${name}"`).join(", ");
  requireArgument(choices.includes(value), argument, value, `one of ${wanted}`);
}
