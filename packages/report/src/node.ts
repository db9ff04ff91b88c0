export { type PngOptions, renderPng, renderSvg, type SvgOptions } from "./node/render";
