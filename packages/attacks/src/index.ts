export { autoAttack, type AutoAttackEvent, type AutoAttackOptions } from "./auto-attack/auto-attack";
export type {
  AutoAttackReport,
  BrokenBy,
  ExampleReport,
  Flag,
  StageReport,
} from "./auto-attack/report";
export type { Found } from "./auto-attack/finding";
export type { AutoAttackVersion, StageName } from "./auto-attack/stage-names";
export { type AutoAttackState, decodeAutoAttackState, encodeAutoAttackState } from "./auto-attack/state";
export { apgd, type ApgdOptions, type ApgdState } from "./apgd/apgd";
export { apgdCheckpoints } from "./apgd/momentum-rule";
export { bim, type BimOptions } from "./gradient/bim";
export { cwL2, type CwL2Options, type CwL2State } from "./minimal-norm/cw-l2";
export { deepFool, type DeepFoolOptions, type DeepFoolState } from "./minimal-norm/deepfool";
export { evaluate, type EvaluateEvent, type EvaluateOptions, type Robustness } from "./evaluate/evaluate";
export { fab, type FabOptions, type FabState } from "./minimal-norm/fab";
export { fgsm, type FgsmOptions } from "./gradient/fgsm";
export {
  type Goal,
  type TargetChoice,
  towardsClass,
  towardsLeastLikely,
  towardsRandom,
  towardsRank,
} from "./objective/goal";
export { type AttackState, type Iterate, iterative, type IterativeParts, type Problem } from "./engine/iterative";
export { miFgsm, type MiFgsmOptions, type MiFgsmState } from "./gradient/mi-fgsm";
export { minimalEpsilon, type MinimalEpsilonEvent, type MinimalEpsilonOptions } from "./evaluate/minimal-epsilon";
export {
  crossEntropyObjective,
  dlrObjective,
  klObjective,
  marginObjective,
  type Objective,
  targetedDlrObjective,
} from "./objective/objective";
export type { ExampleOutcome } from "./engine/example-outcome";
export { paperAttacks, type PaperAttacks } from "./evaluate/paper-attacks";
export { pgd, type PgdOptions, type PgdState } from "./gradient/pgd";
export { noisyFgsm, type NoisyFgsmOptions } from "./gradient/noisy-fgsm";
export {
  type Predictions,
  type PredictionsEvent,
  type PredictionsOptions,
  predictions,
} from "./evaluate/predictions";
export { restarted, type RestartState } from "./engine/restarts";
export { square, type SquareOptions, type SquareState } from "./query/square/square";
export { squareFraction } from "./query/square/schedule";
export { spsa, type SpsaOptions, type SpsaState } from "./query/spsa";
export type { Start } from "./engine/start";
export { tracking, type TrackingParts } from "./engine/tracking";
export { transfer } from "./evaluate/transfer";
export { worstOf } from "./evaluate/worst-of";
