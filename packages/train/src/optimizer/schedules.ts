import { perEpoch, warmedUp } from "./derived-schedules";
import { oneCycle, oneCycleMomentum } from "./one-cycle";
import { type ReferenceSchedules, referenceSchedules } from "./reference-schedules";

/**
 * The schedules of the reference implementations (Rice, Wong, Kolter 2020, arXiv:2002.11569; Wu, Xia, Wang 2020), torch's
 * one-cycle in two parts, and what changes a schedule: `perEpoch(schedule)` and `warmedUp(schedule, { epochs })`.
 *
 * @example
 * const rst = schedules.perEpoch(schedules.cosine({ learningRate: 0.1, epochs: 200 }));
 * const dmat = schedules.oneCycle({ learningRate: 0.2, epochs: 400, stepsPerEpoch: 1, pctStart: 0.025 });
 */
export const schedules: ReferenceSchedules & {
  readonly oneCycle: typeof oneCycle;
  readonly oneCycleMomentum: typeof oneCycleMomentum;
  readonly perEpoch: typeof perEpoch;
  readonly warmedUp: typeof warmedUp;
} = { ...referenceSchedules, oneCycle, oneCycleMomentum, perEpoch, warmedUp };
