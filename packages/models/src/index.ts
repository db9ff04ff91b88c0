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
export type { Activation } from "./architecture/activation";
export type { DmNetworkOptions } from "./architecture/dm-network";
export {
  type DmPreActResNetOptions,
  dmPreActResNet,
  dmPreActResNet18,
  dmPreActResNet34,
} from "./architecture/dm-preact-resnet";
export {
  type DmWideResNetOptions,
  dmWideResNet,
  type RaWideResNetOptions,
  raWideResNet,
} from "./architecture/dm-wide-resnet";
export { type NamedNetworkOptions, networkNamed } from "./architecture/named-network";
export { disposeNetwork, type NetworkOptions } from "./architecture/network";
export type { ChannelStatistics } from "./architecture/normalized-input";
export {
  type PreActResNetOptions,
  preActResNet,
  preActResNet18,
  preActResNet34,
  preActResNet50,
} from "./architecture/preact-resnet";
export { resNet, resNet18, resNet34, resNet50 } from "./architecture/resnet";
export type { ResNetOptions } from "./architecture/resnet-stages";
export { type SmallCnnOptions, smallCnn } from "./architecture/small-cnn";
export { type WideResNetOptions, wideResNet } from "./architecture/wide-resnet";
export { type WideResNetA4Options, wideResNetA4 } from "./architecture/wide-resnet-a4";
export type { RobustBenchModel } from "./robustbench/robustbench-model";
export { type RobustBenchChoice, robustBenchModel, robustBenchModels } from "./robustbench/robustbench-models";
