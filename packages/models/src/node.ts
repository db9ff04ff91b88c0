/* What reads and writes files, for Node: the door `@awp/models/node`. */
export { type LoadWeightsOptions, loadWeights, saveWeights } from "./node/weights";
