export type { ImagesKind, Measure } from "./data/landscape-line";
export { accuracyByEpsilon } from "./figure/accuracy-by-epsilon";
export { gammaAblation } from "./figure/gamma-ablation";
export { gapAcrossMethods, perturbationComparison } from "./figure/gap-across-methods";
export { gapAlongTraining, type LandscapesAlongTraining } from "./figure/gap-along-training";
export { type LandscapeLinesOptions, landscapeLines } from "./figure/landscape-lines";
export { type LandscapePlaneOptions, landscapePlane } from "./figure/landscape-plane";
export { trainingCurves } from "./figure/training-curves";
export type { Figure, View } from "./figure/view";
export type {
  AccuracyFigures,
  EpochFigures,
  ImageSheet,
  LandscapeFigures,
  MeasuredFigures,
  PointFigures,
  RunFigures,
  SheetRow,
} from "./run-figures";
export { type ThemeName, themes } from "./theme/theme";
