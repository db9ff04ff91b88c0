export { type AdversarialTrainingOptions, adversarialTraining } from "./adversarial-training";
export { dkl, dklLoss, type DklOptions, type DklWeights } from "./dkl";
export { mart, martLoss, type MartOptions } from "./mart";
export { type RegularizedOptions, regularized } from "./regularized";
export { rst, rstLoss, type RstOptions } from "./rst";
export { standardTraining, type StandardTrainingOptions } from "./standard-training";
export { trades, tradesLoss, type TradesOptions } from "./trades";
