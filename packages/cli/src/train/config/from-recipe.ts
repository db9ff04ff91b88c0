import { type Recipe, recipeNamed, recipeNames } from "@awp/recipes";
import { methodNames } from "../methods";
import { augmentations } from "../recipe-of";
import type { Values } from "./resolve";
import { augmentationNames } from "./schema";

/** The recipes that the command can follow: of its methods and data sets, without a second set or weights to start from. */
export const followedNames: readonly string[] = recipeNames.filter((name) =>
  (methodNames as readonly string[]).includes(name.split("/")[0] as string),
);

/** The settings that follow a recipe, by its name: `trades-awp/cifar10/linf`. */
export function valuesOf(name: string): Values {
  const recipe = recipeNamed(name);
  const [method, dataset] = name.split("/");
  const { network, normalization, threat, attack, defense, weightPerturbation, decayAt, optimizer } = recipe;
  const { schedule, epochs, batchSize, dropLast, evaluation } = recipe;
  const { gamma = null, warmupEpochs = 0 } = weightPerturbation ?? {};
  return {
    data: { name: dataset, augment: recipe.augmentation.map(nameOf) },
    ...{ network, normalization, methods: [method] },
    attack: {
      norm: threat.norm,
      epsilon: threat.epsilon,
      stepSize: attack.stepSize,
      steps: attack.steps,
      mode: attack.mode,
    },
    epsilonRamp: recipe.epsilonRamp ?? null,
    regularization: recipe.regularization ?? {},
    average: recipe.average ?? {},
    beta: "beta" in defense ? defense.beta : null,
    auxiliaryForwards: "auxiliaryForwards" in defense && defense.auxiliaryForwards,
    ...{ gamma, warmupEpochs, decayAt, optimizer, schedule, epochs, batchSize, dropLast },
    evaluation: { steps: evaluation?.steps ?? 20 },
    checkpointEvery: 10,
  };
}

function nameOf(change: Recipe["augmentation"][number]): string | undefined {
  return augmentationNames.find((name) => JSON.stringify(augmentations[name]) === JSON.stringify(change));
}
