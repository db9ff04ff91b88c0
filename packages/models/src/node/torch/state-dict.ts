import { described, type Fail, type PickleDict, type PickleValue } from "@awp/core/node";
import { TorchTensor } from "./tensor";

/**
 * Where trainings put a model's weights, the likeliest first: what decides where a file has several dicts of tensors and
 * the caller names none.
 */
const usualKeys = ["state_dict", "model_state_dict", "model", "net", "network", "last", "ema"] as const;

export interface StateDictOptions {
  readonly key?: string | undefined;
  readonly chosen?: ((key: string, others: readonly string[]) => void) | undefined;
}

/** The tensors of the dict that is meant, by their names. */
export function stateDict(
  value: PickleValue,
  { key, chosen }: StateDictOptions,
  fail: Fail,
): ReadonlyMap<string, TorchTensor> {
  const meant = key === undefined ? value : at(value, key, fail);
  const where = key === undefined ? "" : ` in ${JSON.stringify(key)}`;
  if (!(meant instanceof Map)) return fail(`holds ${described(meant)}${where}, want a dict of tensors`);
  const nested = [...meant].filter((entry): entry is [PickleKey, PickleDict] => holdsTensors(entry[1]));
  if (nested.length === 0) {
    // A tensor beside them may be anything, as a state of random numbers is.
    const deeper = pathsToTensors(meant);
    if (deeper.length > 0) fail(`holds tensors${where} in ${deeper.join(", ")}; say which by its key`);
    return tensorsOf(meant, where, fail);
  }
  const usual = usualKeys.find((usualKey) => nested.some(([name]) => name === usualKey));
  const found = usual ?? (nested.length === 1 ? nested[0]?.[0] : undefined);
  if (found === undefined) {
    const names = nested.map(([name]) => JSON.stringify(name)).join(", ");
    fail(`holds several dicts of tensors${where}: ${names}; say which by its key`);
  }
  const inside = (name: PickleKey): string => (key === undefined ? String(name) : `${key}.${String(name)}`);
  const others = nested.flatMap(([name]) => (name === found ? [] : [inside(name)]));
  if (others.length > 0) chosen?.(inside(found as PickleKey), others);
  return tensorsOf(meant.get(found as PickleKey) as PickleDict, where, fail);
}

type PickleKey = Parameters<PickleDict["get"]>[0];

function holdsTensors(value: PickleValue): value is PickleDict {
  return value instanceof Map && [...value.values()].some((entry) => entry instanceof TorchTensor);
}

function tensorsOf(dict: PickleDict, where: string, fail: Fail): ReadonlyMap<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (const [name, value] of dict) {
    if (value instanceof TorchTensor) tensors.set(String(name), value);
  }
  if (tensors.size > 0) return tensors;
  const found = [...dict].map(([name, value]) => `${String(name)} (${described(value)})`);
  return fail(`holds no tensor${where}, but ${found.slice(0, 8).join(", ") || "nothing"}`);
}

/** The keys of dicts of tensors that lie deeper, dotted. */
function pathsToTensors(dict: PickleDict): readonly string[] {
  const paths: string[] = [];
  // Each dict is looked into once: one may contain itself, or another a thousand times.
  const seen = new Set<PickleValue>();
  const walk = (value: PickleDict, path: string, depth: number): void => {
    seen.add(value);
    for (const [name, inner] of value) {
      if (!(inner instanceof Map) || seen.has(inner) || depth > 4 || paths.length >= 8) continue;
      if (holdsTensors(inner)) paths.push(JSON.stringify(path + String(name)));
      else walk(inner, `${path}${String(name)}.`, depth + 1);
    }
  };
  walk(dict, "", 0);
  return paths;
}

/** The value under a key; dots lead into dicts of dicts, whose own keys may have dots in them. */
function at(value: PickleValue, key: string, fail: Fail): PickleValue {
  const found = find(value, key);
  if (found !== undefined) return found;
  const names = value instanceof Map ? [...value.keys()].slice(0, 8).map((name) => JSON.stringify(name)) : [];
  return fail(`has no ${JSON.stringify(key)}, but ${names.join(", ") || described(value)}`);
}

function find(value: PickleValue, key: string): PickleValue | undefined {
  if (!(value instanceof Map)) return undefined;
  if (value.has(key)) return value.get(key);
  for (let dot = key.indexOf("."); dot >= 0; dot = key.indexOf(".", dot + 1)) {
    const found = find(value.get(key.slice(0, dot)) ?? null, key.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
