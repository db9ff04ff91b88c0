export { type BackendStatus, probeBackends } from "./backend/probe-backends";
export { type BackendName, backendNames, type ChosenBackend, useBackend } from "./backend/use-backend";
export { type CompiledStep, compileStep, type StepInputs, type StepOutput } from "./backend/compile-step";
export type {
  Attack,
  AttackResult,
  Batch,
  Classifier,
  Defense,
  DistributedLoss,
  Images,
  IterativeAttack,
  Labels,
  Logits,
  Loss,
  LossGradients,
  Mode,
  NamedTensors,
  Network,
  Parameters,
  RowKeys,
  TrackingAttack,
  WeightAttack,
  WeightPerturbation,
} from "./contract";
export { ArgumentError, AwpError, NoDerivativeError } from "./error";
export { drain } from "./events";
export { perExampleNorm, projectOntoBall, projectOntoThreat } from "./geometry/project";
export { type Bounds, type Norm, type ThreatModel, unitBounds } from "./geometry/threat";
export { type ValueAndGradient, valueAndGradient } from "./gradient/gradient";
export { hessianVectorProduct } from "./gradient/hessian-vector-product";
export { parameterGradients } from "./gradient/parameter-gradients";
export { crossEntropy, type CrossEntropyOptions, klDivergence, type KlDivergenceOptions, mean } from "./loss/loss";
export { dlr, margin, targetedDlr } from "./loss/margin";
export { misclassified } from "./loss/misclassified";
export type { ProcessGroup } from "./process-group";
export { integers, normal, uniform } from "./random/draw";
export { hostUniform } from "./random/host-draw";
export { type Random, type RandomKey, random } from "./random/random";
export {
  assignEntries,
  type AssignEntriesOptions,
  type NetworkWeights,
  networkEntries,
} from "./weights/network-weights";
export { encodeSafetensors, type StoredData, type StoredTensor, type StoredType } from "./weights/safetensors";
export { decodeSafetensors, type Safetensors } from "./weights/safetensors-reader";
