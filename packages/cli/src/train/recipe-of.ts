import type { Recipe, RecipeAugmentation, RecipeDefense } from "@awp/recipes";
import type { AugmentationName, TrainConfig } from "./config/schema";
import { type MethodName, methods } from "./methods";

/** What a configuration comes to with one of its methods. */
export function recipeOf(config: TrainConfig, name: MethodName): Recipe {
  const { network, normalization, data, gamma, warmupEpochs, decayAt, optimizer, epochs } = config;
  const { batchSize, dropLast, epsilonRamp, regularization } = config;
  const { decay, ...average } = config.average;
  const { norm, epsilon, stepSize, steps, mode } = config.attack;
  const { milestones, ...rates } = config.schedule;
  const { base, perturbation } = methods[name];
  return {
    network,
    normalization,
    threat: { norm, epsilon },
    attack: { ...base.attack, stepSize, steps, ...(mode && { mode }) },
    ...(epsilonRamp !== null && { epsilonRamp }),
    regularization,
    ...(decay !== null && { average: { decay, ...average } }),
    defense: defenseOf(base.defense, config),
    weightPerturbation: perturbation ? { ...perturbation, gamma: gamma ?? perturbation.gamma, warmupEpochs } : null,
    schedule: { ...rates, ...(milestones && { milestones }) },
    ...{ decayAt, optimizer, epochs, batchSize, dropLast },
    augmentation: data.augment.map((each) => augmentations[each]),
    evaluation: { stepSize, steps, restarts: 1 },
  };
}

/** The changes of a training image by their names in a configuration. */
export const augmentations: Readonly<Record<AugmentationName, RecipeAugmentation>> = {
  "crop-reflect": { kind: "pad-crop", padding: 4, mode: "reflect" },
  "crop-zero": { kind: "pad-crop", padding: 4, mode: "zero" },
  flip: { kind: "flip" },
  rotation: { kind: "rotation", degrees: 15 },
  cutout: { kind: "cutout", size: 16 },
};

/** The method's outer loss with what the configuration has in place of the method's own. */
function defenseOf(own: RecipeDefense, { beta, auxiliaryForwards }: TrainConfig): RecipeDefense {
  return {
    ...own,
    ...("beta" in own && beta !== null && { beta }),
    ...("auxiliaryForwards" in own && { auxiliaryForwards }),
  };
}
