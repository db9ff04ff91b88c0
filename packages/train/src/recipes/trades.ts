import type { RecipeNorm, TradesRecipe } from "./recipe";
import { threats } from "./reference-settings";

/** The data sets of TRADES' runs. */
type TradesDataset = "cifar10" | "cifar100";

type TradesRecipes = Readonly<Record<TradesDataset, Readonly<Record<RecipeNorm, TradesRecipe>>>>;

const steps = 10;

const linf = recipe("linf", 2 / 255);
const l2 = recipe("l2", (2 * threats.l2.epsilon) / steps);

/**
 * TRADES (Zhang et al. 2019, arXiv:1901.08573) as the code of Wu, Xia, Wang 2020 (arXiv:2004.05884) runs it, `plain` and
 * with `awp`; the same for both data sets.
 *
 * The authors published neither logs nor commands of it. `plain` is the run without the perturbation and not that of
 * TRADES' own authors; the radius in l2, an argument of that code, is the one of their adversarial training.
 */
export const trades: { readonly plain: TradesRecipes; readonly awp: TradesRecipes } = {
  plain: { cifar10: { linf, l2 }, cifar100: { linf, l2 } },
  awp: {
    cifar10: { linf: withAwp(linf), l2: withAwp(l2) },
    cifar100: { linf: withAwp(linf), l2: withAwp(l2) },
  },
};

function recipe(norm: RecipeNorm, stepSize: number): TradesRecipe {
  return {
    threat: threats[norm],
    attack: { stepSize, steps, start: "gaussian", startScale: 0.001 },
    beta: 6,
    weightPerturbation: null,
    optimizer: { momentum: 0.9, nesterov: false, weightDecay: 5e-4 },
    // From its 100th and its 150th epoch on.
    schedule: { name: "multiStep", learningRate: 0.1, milestones: [99, 149], factor: 0.1, epochs: 200 },
    batchSize: 128,
    augmentation: [{ kind: "pad-crop", padding: 4, mode: "zero" }, { kind: "flip" }],
    attackMode: "eval",
    auxiliaryForwards: true,
    decayAt: "perturbed",
  };
}

/** The perturbation starts in the 10th epoch. */
function withAwp(without: TradesRecipe): TradesRecipe {
  return { ...without, weightPerturbation: { gamma: 0.005, warmupEpochs: 9 } };
}
