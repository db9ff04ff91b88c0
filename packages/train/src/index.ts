export { ema, type EmaOptions } from "./average/ema";
export { swa, type SwaOptions } from "./average/swa";
export type { AverageStatistics, Evaluated, WeightAverage } from "./average/weight-average";
export { withAverage } from "./average/with-average";
export { compiledTrainStep, type CompiledTrainStep } from "./step/compiled-train-step";
export { CollapseError } from "./loop/collapse-error";
export { adam, type AdamOptions, adamW } from "./optimizer/adam";
export type { Optimizer } from "./optimizer/optimizer";
export type { Settings } from "./optimizer/settings";
export type { OneCycleMomentumOptions, OneCycleOptions, OneCyclePlan } from "./optimizer/one-cycle";
export type { MultiStepOptions, OneDropOptions, ReferenceSchedules } from "./optimizer/reference-schedules";
export type { Schedule, ScheduleOptions } from "./optimizer/schedule";
export { schedules } from "./optimizer/schedules";
export type { Curriculum, EpochChanges } from "./loop/epoch-steps";
export { linearRamp, type LinearRampOptions } from "./loop/linear-ramp";
export type { Overfitting } from "./loop/overfitting";
export type { Rollback } from "./loop/rollback";
export type { Chance, Selection } from "./loop/selection";
export { type SgdOptions, sgd } from "./optimizer/sgd";
export { type DecayPredicate, decaysKernels, type WeightDecayOptions } from "./optimizer/weight-decay";
export type { Clip } from "./step/clip";
export type { Together } from "./loop/together";
export { train } from "./loop/train";
export type { TrainOptions } from "./loop/train-options";
export type { TrainSummary } from "./loop/train-summary";
export type { Best, Metrics } from "./store/metrics";
export { comparePositions, type Position } from "./store/position";
export type { Needed, RunStore, StoredCheckpoint, StoredKind } from "./store/run-store";
export { freeStep, type FreeStepOptions } from "./step/free-step";
export { type GradientSettings, type StepHalves, stepHalves } from "./step/step-halves";
export type { Across, DecayAt, TrainStepOptions } from "./step/step-options";
export { type StepResult, type StepSettings, type TrainStep, trainStep } from "./step/train-step";
export type {
  BestEvent,
  CheckpointEvent,
  CollapseEvent,
  EpochEvent,
  OverfittingEvent,
  Pause,
  PausedEvent,
  ResumedEvent,
  RollbackEvent,
  StepEvent,
  StoppedEvent,
  TrainEvent,
  WarningEvent,
} from "./loop/training-event";
