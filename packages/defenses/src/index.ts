export { compiledTrainStep, type CompiledTrainStep } from "./compiled-train-step";
export { type AdversarialTrainingOptions, adversarialTraining } from "./adversarial-training";
export { CollapseError } from "./collapse-error";
export type { Optimizer } from "./optimizer";
export { type Recipe, type RecipeAugmentation, recipes } from "./recipes";
export type { Settings } from "./settings";
export { type OneDropOptions, type Schedule, type ScheduleOptions, schedules } from "./schedule";
export type { Chance, Selection } from "./selection";
export { type SgdOptions, sgd } from "./sgd";
export { standardTraining } from "./standard-training";
export { train, type TrainSummary } from "./train";
export type { CheckpointOptions, TrainOptions } from "./train-options";
export {
  type DecayAt,
  type StepResult,
  type StepSettings,
  type TrainStep,
  type TrainStepOptions,
  trainStep,
} from "./train-step";
export type {
  Best,
  BestEvent,
  CheckpointEvent,
  CollapseEvent,
  EpochEvent,
  Metrics,
  ResumedEvent,
  StepEvent,
  TrainEvent,
} from "./training-event";
