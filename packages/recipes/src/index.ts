export { pipeline, type PipelineOptions } from "./pipeline";
export type {
  Recipe,
  RecipeAugmentation,
  RecipeAverage,
  RecipeDataset,
  RecipeDefense,
  RecipeNorm,
  RecipePerturbation,
  RecipeRegularization,
  RecipeSchedule,
  RecipesOf,
} from "./recipe";
export { recipeNamed, recipeNames, recipes } from "./recipes";
