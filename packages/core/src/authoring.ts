/* What authors of packages build on, beside what users need: the door `@awp/core/authoring`. See AUTHORING.md. */
export {
  requireChoice,
  requireClassIndices,
  requireCount,
  requireFraction,
  requireLabels,
  requireNonNegative,
  requireNonNegativeScalar,
  requirePositive,
  requireShape,
} from "./argument";
export { ensureGradients } from "./backend/ensure-gradients";
export { requireArgument } from "./error";
export { displacementToHyperplane, type HyperplaneProblem } from "./geometry/hyperplane";
export { in255ths } from "./geometry/in-255ths";
export { perImage } from "./geometry/per-image";
export { sign } from "./geometry/sign";
export { steepest } from "./geometry/steepest";
export { requireBounds, requireEpsilon, requireNorm, requireThreatModel } from "./geometry/threat";
export { type VectorJacobian, vectorJacobian } from "./gradient/gradient";
export { lossInParts } from "./gradient/parameter-gradients";
export { addScaled, type ScaledSum } from "./kernel/add-scaled";
export { type BatchNormTraining, batchNormTraining, type RunningStatistics } from "./kernel/batch-norm";
export { withStatisticsAcross } from "./kernel/batch-norm-across";
export { type ContractKernel, type NamedKernel, runNamedKernel } from "./kernel/kernel";
export type { KernelName, Kernels } from "./kernel/kernels";
export { updateMovingAverage } from "./kernel/moving-average";
export { inShares, type SharedOutcome, type SharedWork } from "./in-shares";
export { flooredLog } from "./loss/floored";
export { labelProbabilities, oneHot } from "./loss/logit-selection";
export { bestOther } from "./loss/margin";
export { hasNaN } from "./loss/misclassified";
export { permutation, stepKey } from "./random/host-draw";
export { randomSigns } from "./random/signs";
export { recomputedStatistics } from "./weights/recomputed-statistics";
export { toFloat32 } from "./weights/stored-values";
export { fromTorchLayout, toTorchLayout } from "./weights/torch-layout";
