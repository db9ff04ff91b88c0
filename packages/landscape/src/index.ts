export { type Band, type BandPoint, bands } from "./bands";
export { awpDirection, type AwpDirectionOptions } from "./direction/awp-direction";
export { type Direction, directionOf } from "./direction/direction";
export { directionFrom, type DirectionFromOptions } from "./direction/direction-from";
export { directionTo } from "./direction/direction-to";
export {
  type Normalization,
  type NormalizationOptions,
  type NormalizedDirectionOptions,
  normalizedDirection,
} from "./direction/normalization";
export { type Plane, planeThrough } from "./direction/plane-through";
export { randomDirection } from "./direction/random-direction";
export type { Weights } from "./direction/stored-weights";
export { type Trajectory, trajectory } from "./direction/trajectory";
export type { LandscapeStatistics } from "./displaced";
export type { LandscapeAxis } from "./grid";
export { type Landscape, type LandscapeEvent, landscape, type LandscapeOptions } from "./landscape";
export type { LandscapePoint, Measured } from "./point";
export { type AverageOptions, type AverageSharpness, averageSharpness } from "./sharpness/average-case";
export {
  type EigenvaluesEvent,
  type EigenvaluesOptions,
  type HessianEigenvalues,
  hessianEigenvalues,
} from "./sharpness/eigenvalues";
export { type AdversarialImages, type HeldImages, heldImages } from "./sharpness/held-images";
export type { Differentiation } from "./sharpness/hessian";
export type { SharpnessOptions } from "./sharpness/options";
export { type HessianTrace, hessianTrace, type TraceEvent, type TraceOptions } from "./sharpness/trace";
export {
  type SharpnessEvent,
  type WorstCaseOptions,
  type WorstCaseSharpness,
  worstCaseSharpness,
} from "./sharpness/worst-case";
