export type { LandscapePoint, Measured } from "./point";
