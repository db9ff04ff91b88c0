export { pipeline, type PipelineOptions } from "./pipeline";
export type {
  Recipe,
  RecipeAugmentation,
  RecipeDataset,
  RecipeDefense,
  RecipeNorm,
  RecipePerturbation,
  RecipeSchedule,
  RecipesOf,
} from "./recipe";
export { recipeNamed, recipeNames, recipes } from "./recipes";
