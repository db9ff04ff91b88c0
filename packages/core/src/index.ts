export type {
  Attack,
  AttackResult,
  Batch,
  Classifier,
  Defense,
  Images,
  IterativeAttack,
  Labels,
  Logits,
  Mode,
  NamedTensors,
  Network,
  Parameters,
  WeightAttack,
  WeightPerturbation,
} from "./contract";
export { ArgumentError, AwpError, requireArgument } from "./error";
export { drain } from "./generator";
export { type Random, type RandomKey } from "./random";
export { type Bounds, type Norm, type ThreatModel, unitBounds } from "./threat";
export { type BatchNormTraining, batchNormTraining } from "./batch-norm";
export { parameterGradients, type ValueAndGradient, valueAndGradient } from "./gradient";
export { type NamedKernel, runNamedKernel } from "./kernel";
export { requireGradients } from "./require-gradients";
