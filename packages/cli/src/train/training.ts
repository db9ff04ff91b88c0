import type { TrainConfig } from "./config/schema";
import { type MethodName, methods } from "./methods";

/** One training of a command: with one method, from one seed. */
export interface Training {
  readonly method: MethodName;
  readonly seed: number;
}

/** All of the command's trainings: a seed after the other, so that what is done when time is up can be compared. */
export function trainingsOf({ methods, seeds }: Pick<TrainConfig, "methods" | "seeds">): readonly Training[] {
  return seeds.flatMap((seed) => methods.map((method) => ({ method, seed })));
}

/** A training as it is called, and its folder within the command's. */
export function pathOf({ method, seed }: Training): string {
  return `${method}/seed-${seed}`;
}

/** A training in the words of a person, who knows the seed where there is but one. */
export function titleOf({ method, seed }: Training, { seeds }: Pick<TrainConfig, "seeds">): string {
  return seeds.length === 1 ? methods[method].title : `${methods[method].title} seed ${seed}`;
}
