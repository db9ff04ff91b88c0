export { type AdversarialTrainingOptions, adversarialTraining } from "./adversarial-training";
export { standardTraining } from "./standard-training";
