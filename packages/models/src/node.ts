/* What reads and writes files, for Node: the door `@awp/models/node`. */
export { modelFiles } from "./node/model-files";
export { type ModelFormat, modelFormat } from "./node/model-json";
export { readWeights, type ReadWeightsOptions } from "./node/read-weights";
export { unwrapped } from "./node/unwrapped";
export { type LoadWeightsOptions, loadWeights, saveWeights, writeWeights } from "./node/weights";
