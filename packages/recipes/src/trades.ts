import type { Recipe, RecipeNorm, RecipesOf } from "./recipe";
import { cropAndFlip, shared, threats, withAwp } from "./reference-settings";

const steps = 10;

const linf = recipe("linf", 2 / 255);
const l2 = recipe("l2", (2 * threats.l2.epsilon) / steps);

/**
 * TRADES (Zhang et al. 2019, arXiv:1901.08573) as the code of Wu, Xia, Wang 2020 (arXiv:2004.05884) runs it; the same for
 * both data sets. After an epoch the clean accuracy alone is taken.
 *
 * The authors published neither logs nor commands of it. This is the run without the perturbation and not that of TRADES'
 * own authors; the radius in l2, an argument of that code, is the one of their adversarial training.
 */
export const trades: RecipesOf<"cifar10" | "cifar100"> = { cifar10: { linf, l2 }, cifar100: { linf, l2 } };

/** {@link trades} with AWP, which begins in the tenth epoch. */
export const tradesAwp: RecipesOf<"cifar10" | "cifar100"> = {
  cifar10: { linf: withAwp(linf, 0.005, 9), l2: withAwp(l2, 0.005, 9) },
  cifar100: { linf: withAwp(linf, 0.005, 9), l2: withAwp(l2, 0.005, 9) },
};

function recipe(norm: RecipeNorm, stepSize: number): Recipe {
  return {
    ...shared,
    normalization: null,
    threat: threats[norm],
    attack: { stepSize, steps, start: "gaussian", startScale: 0.001, mode: "eval" },
    defense: { kind: "trades", beta: 6, auxiliaryForwards: true },
    // From its 100th and its 150th epoch on.
    schedule: { name: "multiStep", learningRate: 0.1, milestones: [99, 149], factor: 0.1 },
    augmentation: cropAndFlip,
    evaluation: null,
  };
}
