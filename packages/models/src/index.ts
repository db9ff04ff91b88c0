export { fromGraphModel, fromLayersModel, type GraphModelLike, type LayersModelLike } from "./adapted-model";
export { type NamedNetworkOptions, networkNamed } from "./named-network";
export { disposeNetwork, type NetworkOptions } from "./network";
export {
  type PreActResNetOptions,
  preActResNet,
  preActResNet18,
  preActResNet34,
  preActResNet50,
} from "./preact-resnet";
export { type SmallCnnOptions, smallCnn } from "./small-cnn";
export { type WideResNetOptions, wideResNet } from "./wide-resnet";
