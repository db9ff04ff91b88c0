export { compiledTrainStep, type CompiledTrainStep } from "./step/compiled-train-step";
export { CollapseError } from "./loop/collapse-error";
export { adam, type AdamOptions, adamW } from "./optimizer/adam";
export type { Optimizer } from "./optimizer/optimizer";
export type {
  Recipe,
  RecipeAugmentation,
  RecipeDataset,
  RecipeNorm,
  RecipesByDataset,
  TradesRecipe,
} from "./recipes/recipe";
export { recipes } from "./recipes/recipes";
export type { Settings } from "./optimizer/settings";
export type { OneCycleMomentumOptions, OneCycleOptions, OneCyclePlan } from "./optimizer/one-cycle";
export type { MultiStepOptions, OneDropOptions, ReferenceSchedules } from "./optimizer/reference-schedules";
export type { Schedule, ScheduleOptions } from "./optimizer/schedule";
export { schedules } from "./optimizer/schedules";
export type { Curriculum, EpochChanges } from "./loop/epoch-steps";
export { linearRamp, type LinearRampOptions } from "./loop/linear-ramp";
export type { Chance, Selection } from "./loop/selection";
export { type SgdOptions, sgd } from "./optimizer/sgd";
export { type DecayPredicate, decaysKernels, type WeightDecayOptions } from "./optimizer/weight-decay";
export type { Clip } from "./step/clip";
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
