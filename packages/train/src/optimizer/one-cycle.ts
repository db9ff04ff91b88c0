import { requireArgument, requireCount, requireFraction, requirePositive } from "@awp/core/authoring";
import { isMomentum } from "./momentum";
import { requireScheduleOptions, type Schedule, type ScheduleOptions } from "./schedule";

/** How a cycle lies in the training. */
export interface OneCyclePlan {
  /** The length of the training. */
  readonly epochs: number;
  /** How often the value moves in an epoch: at every step, or once an epoch if it is 1, as DMAT has it. */
  readonly stepsPerEpoch: number;
  /** The share of the cycle that leads to its peak. @default 0.3 */
  readonly pctStart?: number;
}

export interface OneCycleOptions extends ScheduleOptions, OneCyclePlan {
  /** What the largest rate is divided by for the first one. @default 25 */
  readonly divFactor?: number;
  /** What the first rate is divided by for the last one. @default 10000 */
  readonly finalDivFactor?: number;
}

export interface OneCycleMomentumOptions extends OneCyclePlan {
  /** The momentum where the rate is largest. @default 0.85 */
  readonly base?: number;
  /** The momentum at both ends. @default 0.95 */
  readonly max?: number;
}

/**
 * Half a cosine up to the largest rate and another one down, as torch's `OneCycleLR` with `epochs · stepsPerEpoch` steps
 * in all (Smith, Topin 2017, arXiv:1708.07120). Torch's cycles the momentum too: that is `oneCycleMomentum`.
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { learningRate, divFactor = 25, finalDivFactor = 1e4 } = requireScheduleOptions(options);
  requirePositive("divFactor", divFactor);
  requirePositive("finalDivFactor", finalDivFactor);
  const first = learningRate / divFactor;
  return cycle(options, [first, learningRate, first / finalDivFactor]);
}

/** The momentum of torch's `OneCycleLR`, from `max` down to `base` where the rate is largest and back: a schedule of momenta. */
export function oneCycleMomentum(options: OneCycleMomentumOptions): Schedule {
  const { base = 0.85, max = 0.95 } = options;
  for (const [name, value] of Object.entries({ base, max })) {
    requireArgument(isMomentum(value), name, value, "a number from 0 to below 1");
  }
  return cycle(options, [max, base, max]);
}

/** Half cosines from the first value to the peak's and on to the last. */
function cycle(
  { epochs, stepsPerEpoch, pctStart = 0.3 }: OneCyclePlan,
  values: readonly [number, number, number],
): Schedule {
  requirePositive("epochs", epochs);
  requireCount("stepsPerEpoch", stepsPerEpoch);
  requireFraction("pctStart", pctStart);
  const [first, peak, last] = values;
  const total = epochs * stepsPerEpoch;
  const [peakStep, lastStep] = [pctStart * total - 1, total - 1];
  return (t) => {
    // The steps before this one. t is that of a step's end, and i/n is rounded.
    const before = Math.ceil(t * stepsPerEpoch - 1e-6) - 1;
    const step = Math.min(Math.max(before, 0), lastStep);
    return step <= peakStep && peakStep > 0
      ? halfCosine(first, peak, step / peakStep)
      : halfCosine(peak, last, (step - peakStep) / (lastStep - peakStep));
  };
}

function halfCosine(from: number, to: number, share: number): number {
  return to + ((from - to) / 2) * (1 + Math.cos(Math.PI * share));
}
