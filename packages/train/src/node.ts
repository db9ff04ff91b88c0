/* What keeps a run in files, for Node: the door `@awp/train/node`. */
export { runDirectory, type RunDirectory } from "./store/run-directory";
