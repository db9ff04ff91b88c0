export { agreed, agreeing } from "./agreement";
export { alone } from "./alone";
export { byRankZero } from "./by-rank-zero";
export { dataParallel, type DataParallelOptions } from "./data-parallel";
