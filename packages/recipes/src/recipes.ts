import { ArgumentError } from "@awp/core";
import { at, atAwp } from "./at";
import { dklAwp } from "./dkl";
import { dmat } from "./dmat";
import { mart, martAwp } from "./mart";
import { finetuning, finetuningAwp, pretraining } from "./pretraining";
import type { Recipe, RecipeDataset, RecipeNorm } from "./recipe";
import { rst, rstAwp } from "./rst";
import { trades, tradesAwp } from "./trades";

type Runs = Readonly<Partial<Record<RecipeDataset, Partial<Record<RecipeNorm, Recipe>>>>>;

/**
 * The reference runs as data, by method, data set and norm.
 *
 * @example
 * const recipe = recipes["at-awp"].cifar10.linf;
 * const smaller: Recipe = { ...recipe, network: "small-cnn", batchSize: 64 };
 */
export const recipes: {
  readonly at: typeof at;
  readonly "at-awp": typeof atAwp;
  readonly trades: typeof trades;
  readonly "trades-awp": typeof tradesAwp;
  readonly mart: typeof mart;
  readonly "mart-awp": typeof martAwp;
  readonly rst: typeof rst;
  readonly "rst-awp": typeof rstAwp;
  readonly pretraining: typeof pretraining;
  readonly finetuning: typeof finetuning;
  readonly "finetuning-awp": typeof finetuningAwp;
  readonly dmat: typeof dmat;
  readonly "dkl-awp": typeof dklAwp;
} = {
  at,
  "at-awp": atAwp,
  trades,
  "trades-awp": tradesAwp,
  mart,
  "mart-awp": martAwp,
  rst,
  "rst-awp": rstAwp,
  pretraining,
  finetuning,
  "finetuning-awp": finetuningAwp,
  dmat,
  "dkl-awp": dklAwp,
};

const named: ReadonlyMap<string, Recipe> = new Map(
  Object.entries<Runs>(recipes).flatMap(([method, datasets]) =>
    Object.entries(datasets).flatMap(([dataset, norms]) =>
      Object.entries(norms).map(([norm, recipe]): [string, Recipe] => [`${method}/${dataset}/${norm}`, recipe]),
    ),
  ),
);

/** The names that {@link recipeNamed} takes. */
export const recipeNames: readonly string[] = [...named.keys()];

/**
 * The recipe of a name such as `trades-awp/cifar10/linf`: method, data set and norm.
 *
 * @example
 * const recipe = recipeNamed("trades-awp/cifar10/linf");
 * @throws ArgumentError for any other name.
 */
export function recipeNamed(name: string): Recipe {
  const recipe = named.get(name);
  if (recipe === undefined) throw new ArgumentError("recipe", name, recipeNames.join(", "));
  return recipe;
}
