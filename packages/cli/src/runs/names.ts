import type { RunFigures } from "@awp/report";

type Settings = RunFigures["settings"];

/** A training that wants a name. */
export interface Unnamed {
  readonly settings: Settings;
  /** Its folder, which tells trainings apart that nothing else does. */
  readonly path: string;
}

/** What tells trainings with one method apart, the likelier first; any other setting comes behind these. */
const likely = ["gamma", "seed", "attack.epsilon", "beta", "network"];

const symbols: Readonly<Record<string, string>> = {
  gamma: "γ = ",
  seed: "seed ",
  "attack.epsilon": "ε = ",
  beta: "β = ",
  "regularization.l1": "ℓ1 ",
  "regularization.l2": "ℓ2 ",
  "regularization.labelSmoothing": "label smoothing ",
  "regularization.mixup": "mixup ",
};

/**
 * Names for legends, all different: the method's title, and behind it, where several have it, as few of the settings in
 * which they differ as tell them apart, `AT-AWP, γ = 0.02`.
 */
export function namesOf(trainings: readonly Unnamed[]): readonly string[] {
  return trainings.map((training) => {
    const title = titleOf(training);
    const namesakes = trainings.filter((other) => titleOf(other) === title);
    const paths = tellingApart(namesakes);
    const present = paths.filter((path) => !isAbsent(path, training.settings[path]));
    const name = [title, ...present.map((path) => worded(path, training.settings[path]))].join(", ");
    const alike = namesakes.filter((other) => keyOf(other, paths) === keyOf(training, paths));
    return alike.length > 1 ? `${name}, ${training.path}` : name;
  });
}

function titleOf({ settings }: Unnamed): string {
  return String(settings["method"]);
}

/** The paths of settings, as few as one finds in their order, that tell all apart which any setting tells apart. */
function tellingApart(trainings: readonly Unnamed[]): readonly string[] {
  const all = [...new Set([...likely, ...trainings.flatMap(({ settings }) => Object.keys(settings))])];
  const kinds = (paths: readonly string[]): number => new Set(trainings.map((each) => keyOf(each, paths))).size;
  const chosen: string[] = [];
  for (const path of all) if (kinds([...chosen, path]) > kinds(chosen)) chosen.push(path);
  return chosen;
}

function keyOf({ settings }: Unnamed, paths: readonly string[]): string {
  return JSON.stringify(paths.map((path) => settings[path] ?? null));
}

/** A regulariser of weight 0 is none: it is named where it is not 0. */
function isAbsent(path: string, value: Settings[string] | undefined): boolean {
  return path.startsWith("regularization.") && Number(value) === 0;
}

function worded(path: string, value: Settings[string] | undefined): string {
  const word = value === null || value === undefined || value === "" ? "none" : String(value);
  return `${symbols[path] ?? `${path} = `}${word}`;
}
