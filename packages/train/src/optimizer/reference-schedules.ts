import { requireArgument, requireNonNegative } from "@awp/core/authoring";
import { requireScheduleOptions as required, type Schedule, type ScheduleOptions } from "./schedule";

export interface OneDropOptions {
  readonly learningRate: number;
  /** The epoch of the drop. @default 100 */
  readonly dropEpoch?: number;
  /** The learning rate from there on. @default 0.01 */
  readonly dropTo?: number;
}

export interface MultiStepOptions extends ScheduleOptions {
  /** The whole epochs after which the rate drops, ascending. @default half and three quarters of the training */
  readonly milestones?: readonly number[];
  /** What the rate is multiplied by at each drop. @default 0.1 */
  readonly factor?: number;
}

function constant({ learningRate }: Pick<ScheduleOptions, "learningRate">): Schedule {
  requireNonNegative("learningRate", learningRate);
  return () => learningRate;
}

/** The largest rate, a tenth of it from half of the training on, a hundredth from three quarters on. */
function piecewise(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  return (t) => {
    if (t / epochs < 0.5) return learningRate;
    return t / epochs < 0.75 ? learningRate / 10 : learningRate / 100;
  };
}

/** Rises from 0 to the largest rate at two fifths of the training and falls back to 0 at its end. */
function superconverge(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  return interpolation([0, Math.floor((epochs * 2) / 5), epochs], [0, learningRate, 0]);
}

/** The largest rate for a third of the training, then down to a tenth at two thirds and a hundredth at the end. */
function linear(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  return interpolation(
    [0, Math.floor(epochs / 3), Math.floor((epochs * 2) / 3), epochs],
    [learningRate, learningRate, learningRate / 10, learningRate / 100],
  );
}

/** One drop to a given rate. */
function oneDrop({ learningRate, dropEpoch = 100, dropTo = 0.01 }: OneDropOptions): Schedule {
  requireNonNegative("learningRate", learningRate);
  requireNonNegative("dropEpoch", dropEpoch);
  requireNonNegative("dropTo", dropTo);
  return (t) => (t < dropEpoch ? learningRate : dropTo);
}

/** Drops by a factor after each milestone, by whole epochs: the last step of an epoch still has its epoch's rate. */
function multiStep(options: MultiStepOptions): Schedule {
  const { learningRate, epochs } = required(options);
  const { milestones = [Math.floor(epochs / 2), Math.floor((epochs * 3) / 4)], factor = 0.1 } = options;
  requireNonNegative("factor", factor);
  const ascending = milestones.every((each, i) => Number.isSafeInteger(each) && each >= (milestones[i - 1] ?? 0));
  requireArgument(ascending, "milestones", milestones, "ascending numbers of whole epochs");
  return (t) => learningRate * factor ** milestones.filter((each) => t > each).length;
}

/** Falls by a tenth of the largest rate after every tenth of the training. */
function multipleDecay(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  requireArgument(epochs % 10 === 0, "epochs", epochs, "a multiple of 10, for ten drops");
  const every = epochs / 10;
  return (t) => Math.max(0, learningRate - Math.floor(t / every) * (learningRate / 10));
}

/** Half a cosine from the largest rate to 0. */
function cosine(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  return (t) => learningRate * 0.5 * (1 + Math.cos((t / epochs) * Math.PI));
}

/** Rises from 0 to the largest rate at 0.4 of the training, not rounded to epochs, and falls back to 0 at its end. */
function cyclic(options: ScheduleOptions): Schedule {
  const { learningRate, epochs } = required(options);
  return interpolation([0, 0.4 * epochs, epochs], [0, learningRate, 0]);
}

/** The schedules of the reference implementations (Rice, Wong, Kolter 2020, arXiv:2002.11569; Wu, Xia, Wang 2020). */
export interface ReferenceSchedules {
  readonly constant: (options: Pick<ScheduleOptions, "learningRate">) => Schedule;
  readonly piecewise: (options: ScheduleOptions) => Schedule;
  readonly superconverge: (options: ScheduleOptions) => Schedule;
  readonly linear: (options: ScheduleOptions) => Schedule;
  readonly oneDrop: (options: OneDropOptions) => Schedule;
  readonly multiStep: (options: MultiStepOptions) => Schedule;
  readonly multipleDecay: (options: ScheduleOptions) => Schedule;
  readonly cosine: (options: ScheduleOptions) => Schedule;
  readonly cyclic: (options: ScheduleOptions) => Schedule;
}

export const referenceSchedules: ReferenceSchedules = {
  constant,
  piecewise,
  superconverge,
  linear,
  oneDrop,
  multiStep,
  multipleDecay,
  cosine,
  cyclic,
};

/** Linear between the points (`at`, `values`), constant beyond them. */
function interpolation(at: readonly number[], values: readonly number[]): Schedule {
  return (t) => {
    const next = at.findIndex((x) => t < x);
    if (next === 0) return values[0] as number;
    if (next === -1) return values[values.length - 1] as number;
    const [x0, x1] = [at[next - 1] as number, at[next] as number];
    const [y0, y1] = [values[next - 1] as number, values[next] as number];
    return y0 + ((y1 - y0) / (x1 - x0)) * (t - x0);
  };
}
