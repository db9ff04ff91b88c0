/** The norm in which a perturbation is measured, per example over all of its pixels. */
export type Norm = "linf" | "l2" | "l1";

/** The box of valid inputs. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** What an adversary may do: move an image by at most `epsilon` in `norm`, inside `bounds`. */
export interface ThreatModel {
  readonly norm: Norm;
  /** Radius of the ball, in the scale of `bounds`: write `8 / 255`. */
  readonly epsilon: number;
  /** @default { low: 0, high: 1 } */
  readonly bounds?: Bounds;
}

/** Images scaled to [0, 1]. */
export const unitBounds: Bounds = { low: 0, high: 1 };
