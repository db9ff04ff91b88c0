import type { RunFigures } from "@awp/report";
import { identityOf } from "../train/config/identity";
import { inImageScale } from "../train/config/image-scale";
import { methods } from "../train/methods";
import { recipeOf } from "../train/recipe-of";
import type { TrainingFolder } from "./training-folder";

type Settings = RunFigures["settings"];

/** The settings that decided what came of a training, by their paths, with what the method has of its own filled in. */
export function settingsOf({ method, seed, config }: Pick<TrainingFolder, "method" | "seed" | "config">): Settings {
  const { attack, defense, weightPerturbation } = recipeOf(config, method);
  const settings: Settings = {
    method: methods[method].title,
    seed,
    ...identityOf(config),
    gamma: weightPerturbation?.gamma ?? null,
    beta: "beta" in defense ? defense.beta : null,
    "attack.mode": attack.mode,
  };
  return Object.fromEntries(
    Object.entries(settings).map(([path, value]) => [
      path,
      typeof value === "number" ? inImageScale(path, value) : value,
    ]),
  );
}
