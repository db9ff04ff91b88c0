import { ema, type WeightAverage } from "@awp/train";
import type { RecipeAverage } from "./recipe";

/** The recipe's average of the weights, if it has one. */
export function averageOf(average: RecipeAverage | undefined): WeightAverage | undefined {
  if (average === undefined) return undefined;
  const { decay, growing, ...rest } = average;
  return ema({ decay: growing ? (update) => Math.min(decay, (1 + update) / (10 + update)) : decay, ...rest });
}
