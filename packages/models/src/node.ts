/* What reads and writes files, for Node: the door `@awp/models/node`. */
export {
  configBeside,
  type FetchedModel,
  fetchFromHub,
  fromHub,
  type FromHubOptions,
  type HubModel,
} from "./node/hub/from-hub";
export { type HubConfig, hubNetwork } from "./node/hub/config";
export type { HubResult, ModelCard } from "./node/hub/model-card";
export {
  hubFiles,
  type HubFiles,
  type PushedModel,
  type PushOptions,
  pushToHub,
  requireHubToken,
} from "./node/hub/push-to-hub";
export { type HubReference, hubReference } from "./node/hub/reference";
export type { HubOptions, HubProgress } from "./node/hub/repository";
export { modelFiles } from "./node/model-files";
export { type ModelFormat, modelFormat } from "./node/model-json";
export { readWeights, type ReadWeightsOptions, requireWeights } from "./node/read-weights";
export { unwrapped } from "./node/unwrapped";
export { type LoadWeightsOptions, loadWeights, saveWeights, writeWeights } from "./node/weights";
