/* What keeps a run in files, for Node: the door `@awp/train/node`. */
export { runDirectory, type RunDirectoryOptions } from "./node/run-directory";
