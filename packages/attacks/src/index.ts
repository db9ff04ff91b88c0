export { evaluate, type EvaluateEvent, type EvaluateOptions, type Robustness } from "./evaluate";
export { fgsm, type FgsmOptions } from "./fgsm";
export type { Goal } from "./goal";
export { type AttackState, type Iterate, iterative, type IterativeParts, type Problem } from "./iterative";
export { crossEntropyObjective, klObjective, marginObjective, type Objective } from "./objective";
export type { Outcomes } from "./outcome";
export { pgd, type PgdOptions, type PgdState } from "./pgd";
export { restarted, type RestartState } from "./restarts";
export type { Start } from "./start";
