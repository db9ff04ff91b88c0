export { autoAttack, type AutoAttackEvent, type AutoAttackOptions } from "./auto-attack/auto-attack";
export type {
  AutoAttackReport,
  AutoAttackVersion,
  ExampleReport,
  Flag,
  StageName,
  StageReport,
} from "./auto-attack/report";
export { type AutoAttackState, decodeAutoAttackState, encodeAutoAttackState } from "./auto-attack/state";
export { apgd, type ApgdOptions, type ApgdState } from "./apgd";
export type { ApgdLoss } from "./apgd-loss";
export { apgdCheckpoints } from "./apgd-momentum";
export { bim, type BimOptions } from "./bim";
export { cwL2, type CwL2Options, type CwL2State } from "./cw-l2";
export { deepFool, type DeepFoolOptions, type DeepFoolState } from "./deepfool";
export { evaluate, type EvaluateEvent, type EvaluateOptions, type Robustness } from "./evaluate";
export { fab, type FabOptions, type FabState } from "./fab";
export { fgsm, type FgsmOptions } from "./fgsm";
export type { Goal } from "./goal";
export { type AttackState, type Iterate, iterative, type IterativeParts, type Problem } from "./iterative";
export { miFgsm, type MiFgsmOptions, type MiFgsmState } from "./mi-fgsm";
export { minimalEpsilon, type MinimalEpsilonOptions } from "./minimal-epsilon";
export { crossEntropyObjective, klObjective, marginObjective, type Objective } from "./objective";
export type { Outcomes } from "./outcome";
export { paperAttacks, type PaperAttacks } from "./paper-attacks";
export { pgd, type PgdOptions, type PgdState } from "./pgd";
export { restarted, type RestartState } from "./restarts";
export { square, type SquareOptions, type SquareState } from "./square";
export { squareFraction } from "./square-schedule";
export { spsa, type SpsaOptions, type SpsaState } from "./spsa";
export type { Start } from "./start";
export { tracking, type TrackingParts } from "./tracking";
export { towardsClass, towardsLeastLikely, towardsRandom } from "./target";
export { transfer } from "./transfer";
export { worstOf } from "./worst-of";
