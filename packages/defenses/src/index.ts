export { type AdversarialTrainingOptions, adversarialTraining } from "./adversarial-training";
export { mart, martLoss, type MartOptions } from "./mart";
export { standardTraining } from "./standard-training";
export { trades, tradesLoss, type TradesOptions } from "./trades";
