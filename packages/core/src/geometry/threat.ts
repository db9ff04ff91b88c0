import { requireChoice, requireNonNegative } from "../argument";
import { requireArgument } from "../error";

/** The norm in which a perturbation is measured, per example over all of its pixels. */
export type Norm = "linf" | "l2" | "l1";

/** The box of valid images: the values that a pixel may have. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What an adversary may do: move each image by at most `epsilon` in `norm`, inside `bounds`. */
export interface ThreatModel {
  readonly norm: Norm;
  /** Radius of the ball, in the scale of `bounds`: write `8 / 255`. */
  readonly epsilon: number;
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
}

/** The bounds of images scaled to [0, 1]. */
export const unitBounds: Bounds = { low: 0, high: 1 };

const norms: readonly Norm[] = ["linf", "l2", "l1"];

/** Throws an `ArgumentError` unless the norm is known, epsilon finite and not negative, the box not empty. */
export function requireThreatModel(threat: ThreatModel): void {
  requireNorm(threat.norm);
  requireEpsilon(threat.epsilon);
  requireBounds(threat.bounds ?? unitBounds);
}

/** Throws an `ArgumentError` unless `norm` is one of `"linf"`, `"l2"`, `"l1"`. */
export function requireNorm(norm: Norm): void {
  requireChoice("norm", norm, norms);
}

/** Throws an `ArgumentError` unless `epsilon` is finite and not negative. */
export function requireEpsilon(epsilon: number): void {
  requireNonNegative("epsilon", epsilon);
}

/** Throws an `ArgumentError` unless `low < high`, both finite. */
export function requireBounds(bounds: Bounds): void {
  const { low, high } = bounds;
  requireArgument(
    Number.isFinite(low) && Number.isFinite(high) && low < high,
    "bounds",
    `low ${low}, high ${high}`,
    "finite numbers with low < high",
  );
}
