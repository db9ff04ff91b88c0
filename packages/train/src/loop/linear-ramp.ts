import { requireArgument, requirePositive } from "@awp/core/authoring";

export interface LinearRampOptions {
  /** The value in the first epoch. @default 0 */
  readonly from?: number;
  /** The value from epoch `epochs` on. */
  readonly to: number;
  readonly epochs: number;
}

/**
 * A value that goes in a straight line from one to another over the first epochs and stays there: an epsilon or a gamma in
 * a curriculum. As a function of the epoch, from 0.
 *
 * @example
 * const gamma = linearRamp({ to: 0.01, epochs: 10 });
 * const training = train({ ...settings, curriculum: (epoch) => ({ weightAttack: awp({ gamma: gamma(epoch) }) }) });
 * @throws ArgumentError for values that are not finite and for a length that is not positive.
 */
export function linearRamp({ from = 0, to, epochs }: LinearRampOptions): (epoch: number) => number {
  requireArgument(Number.isFinite(from), "from", from, "a finite number");
  requireArgument(Number.isFinite(to), "to", to, "a finite number");
  requirePositive("epochs", epochs);
  return (epoch) => (epoch < epochs ? from + ((to - from) * epoch) / epochs : to);
}
