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
  RowKeys,
  TrackingAttack,
  WeightAttack,
  WeightPerturbation,
} from "./contract";
export { ArgumentError, AwpError, requireArgument } from "./error";
export { drain } from "./generator";
export { integers, normal, uniform } from "./draw";
export { hostUniform, permutation, stepKey } from "./host-draw";
export { correct, crossEntropy, klDivergence, mean } from "./loss";
export { dlr, margin, targetedDlr } from "./margin";
export { displacementToHyperplane, type HyperplaneProblem } from "./hyperplane";
export { perExampleNorm, projectOntoBall, projectOntoThreat } from "./project";
export { type Random, type RandomKey, random } from "./random";
export { encodeSafetensors, type StoredData, type StoredTensor, type StoredType } from "./safetensors";
export { decodeSafetensors, type Safetensors } from "./safetensors-reader";
export { assignEntries, type NetworkWeights, networkEntries } from "./network-weights";
export { toFloat32 } from "./stored-values";
export {
  type Bounds,
  type Norm,
  requireBounds,
  requireEpsilon,
  requireNorm,
  requireThreatModel,
  type ThreatModel,
  unitBounds,
} from "./threat";
export { sign } from "./sign";
export { fromTorchLayout, toTorchLayout } from "./torch-layout";
export { type BatchNormTraining, batchNormTraining } from "./batch-norm";
export { updateMovingAverage } from "./moving-average";
export {
  parameterGradients,
  type ValueAndGradient,
  valueAndGradient,
  type VectorJacobian,
  vectorJacobian,
} from "./gradient";
export { type NamedKernel, runNamedKernel } from "./kernel";
export { type CompiledStep, compileStep, type StepInputs, type StepOutput } from "./compile-step";
export { requireGradients } from "./require-gradients";
export { type BackendName, type ChosenBackend, useBackend } from "./backend";
