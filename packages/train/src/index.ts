export { compiledTrainStep, type CompiledTrainStep } from "./step/compiled-train-step";
export { CollapseError } from "./loop/collapse-error";
export type { Optimizer } from "./optimizer/optimizer";
export type { Settings } from "./optimizer/settings";
export {
  type MultiStepOptions,
  type OneDropOptions,
  type Schedule,
  type ScheduleOptions,
  schedules,
} from "./optimizer/schedule";
export type { Chance, Selection } from "./loop/selection";
export { type SgdOptions, sgd } from "./optimizer/sgd";
export { train, type TrainSummary } from "./loop/train";
export type { TrainOptions } from "./loop/train-options";
export type { Best, Metrics } from "./store/metrics";
export { comparePositions, type Position } from "./store/position";
export type { RunStore, StoredCheckpoint, StoredKind } from "./store/run-store";
export { type GradientSettings, type StepHalves, stepHalves } from "./step/step-halves";
export type { DecayAt, TrainStepOptions } from "./step/step-options";
export { type StepResult, type StepSettings, type TrainStep, trainStep } from "./step/train-step";
export type {
  BestEvent,
  CheckpointEvent,
  CollapseEvent,
  EpochEvent,
  Pause,
  PausedEvent,
  ResumedEvent,
  StepEvent,
  TrainEvent,
  WarningEvent,
} from "./loop/training-event";
