export { type FigurePageOptions, figurePage, type ReportPageOptions, reportPage } from "./node/page/report-page";
export { type PngOptions, renderPng, renderSvg, type SvgOptions } from "./node/render";
export { writeFigure } from "./node/write-figure";
export {
  tensorBoardWriter,
  type TensorBoardWriter,
  type TensorBoardWriterOptions,
} from "./node/tensorboard/writer";
