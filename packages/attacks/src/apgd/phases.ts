import type { ThreatModel } from "@awp/core";
import type { Start } from "../engine/start";
import type { StepRule } from "./climb";
import { type SparseMemory, sparseRule } from "./sparse-rule";

/** The iterations from number `first` on, in a ball of their own. */
export interface Phase<Memory> {
  readonly first: number;
  readonly ball: ThreatModel;
  readonly rule: StepRule<Memory>;
}

/** The phases of ℓ1: with large epsilons three, of balls that shrink, else one. */
export function sparsePhases(
  threat: ThreatModel,
  { steps, start }: { readonly steps: number; readonly start: Start },
  largeEpsilons: boolean,
): Phase<SparseMemory>[] {
  const part = Math.ceil(0.3 * steps);
  const parts = largeEpsilons
    ? [
        { first: 0, length: part, radius: 3 },
        { first: part, length: part, radius: 2 },
        { first: 2 * part, length: steps - 2 * part, radius: 1 },
      ]
    : [{ first: 0, length: steps, radius: 1 }];
  return parts.map(({ first, length, radius }) => {
    const ball = { ...threat, epsilon: radius * threat.epsilon };
    return { first, ball, rule: sparseRule(ball, length, largeEpsilons || start === "clean") };
  });
}
