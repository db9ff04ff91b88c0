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
