export type { AdaptedModelOptions, ModelOutput } from "./adapted/ending";
export { fromGraphModel, type GraphModelLike } from "./adapted/graph-classifier";
export {
  channelsReversed,
  type InputRange,
  type InputSize,
  type KerasPreprocessing,
  preprocessed,
  rescaled,
  resized,
} from "./adapted/input-scale";
export { fromLayersModel } from "./adapted/layers-classifier";
export type { LayersModelLike } from "./adapted/layers-model";
export {
  type LayersNetworkOptions,
  networkFromLayersModel,
  type TrainableModelLike,
} from "./adapted/layers-network";
export { type NamedNetworkOptions, networkNamed } from "./architecture/named-network";
export { disposeNetwork, type NetworkOptions } from "./architecture/network";
export {
  type PreActResNetOptions,
  preActResNet,
  preActResNet18,
  preActResNet34,
  preActResNet50,
} from "./architecture/preact-resnet";
export { type SmallCnnOptions, smallCnn } from "./architecture/small-cnn";
export { type WideResNetOptions, wideResNet } from "./architecture/wide-resnet";
