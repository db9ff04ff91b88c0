import { isMapping, type TrainConfig } from "./schema";

type Plain = string | number | boolean | null;

/** The fields that say how a run is made and not what comes of it: they may change when it is resumed. */
const outward: readonly string[] = [
  "backend",
  "jobs",
  "checkpointEvery",
  "keep",
  "tensorboard",
  "output",
  "data.directory",
  "methods",
  "seeds",
];

/** How several processes train as one does: not named, as it is not in the checkpoints of a process alone. */
const asAlone: Readonly<Record<string, Plain>> = {
  "ranks.weightAttack": "averaged",
  "ranks.batchNorm": "per-replica",
};

/** The settings that decide what comes of a run, by path. */
export function identityOf(config: TrainConfig): Readonly<Record<string, Plain>> {
  return Object.fromEntries(
    leaves(config, []).filter(([path, value]) => !outward.includes(path) && asAlone[path] !== value),
  );
}

/** What makes another training of a configuration than it was before, in words. */
export function differences(before: TrainConfig, now: TrainConfig): readonly string[] {
  const [stored, given] = [settingsOf(before), settingsOf(now)];
  const paths = [...new Set([...Object.keys(stored), ...Object.keys(given)])];
  return paths
    .filter((path) => stored[path] !== given[path])
    .map((path) => {
      const said = (settings: typeof stored): string =>
        JSON.stringify(path in settings ? settings[path] : asAlone[path]);
      return `${path} was ${said(stored)}, is ${said(given)}`;
    });
}

function settingsOf(config: TrainConfig): Readonly<Record<string, Plain>> {
  return { ...identityOf(config), methods: config.methods.join(", "), seeds: config.seeds.join(", ") };
}

function leaves(value: unknown, path: readonly string[]): readonly (readonly [string, Plain])[] {
  if (Array.isArray(value)) return [[path.join("."), value.join(", ")]];
  if (!isMapping(value)) return [[path.join("."), value as Plain]];
  return Object.entries(value).flatMap(([name, under]) => leaves(under, [...path, name]));
}
