export { agreed, agreeing } from "./agreement";
export { alone } from "./alone";
export { byRankZero } from "./by-rank-zero";
export { dataParallel } from "./data-parallel";
export type { DataParallelOptions } from "./data-parallel-options";
export { type Environment, readWorld, type World } from "./launch/environment";
export { type JoinedGroup, processGroup, type ProcessGroupOptions } from "./launch/process-group";
