/* What reads and writes files, for Node: the door `@awp/models/node`. */
export { modelFiles } from "./node/model-files";
export { type ModelFormat, modelFormat } from "./node/model-json";
export { type LoadWeightsOptions, loadWeights, saveWeights } from "./node/weights";
