export { type Bundle, bundle } from "./bundle";
export { expectCutsRefused, expectDamageBorne, readOrRefused } from "./damage";
export { type Numbers, relativeDeviation } from "./deviation";
export { skipWithoutEngine } from "./engine";
export { finiteDifference } from "./finite-difference";
export { goldenPath, goldensFolder, readGolden } from "./golden";
export { registerHalfPrecision } from "./half-precision";
export { images, labels, parameterValues } from "./golden-input";
export { type Hosts, hosts, skipWithoutHosts } from "./hosts";
export { type HubMatch, type HubRequest, type HubServer, hubServer } from "./hub-server";
export { type LocalGroup, localGroups } from "./local-groups";
export { skipLong } from "./long-test";
export { pythonWithTorch, runPython, skipWithoutTorch } from "./python";
export { freePort, launchRanks, type LaunchOptions, type RankEnd, type Ranks } from "./ranks";
export type { RankGroup } from "./rank-group";
export { type RankThreads, rankThreads } from "./rank-threads";
export { sharedFolder, skipWithoutShared } from "./shared-folder";
export { stream } from "./stream";
export { registerTensorflowStandIn } from "./tensorflow-stand-in";
export {
  linearClassifier,
  marginPerEpsilon,
  meanPoolClassifier,
  nearestCentreClassifier,
  type ToyClassifier,
} from "./toy-classifier";
