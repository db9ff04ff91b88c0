/** What wraps a network in Python, and puts its own name before those of the weights: DataParallel, a module of one's own, torch.compile. */
const wrappings = ["module.", "model.", "_orig_mod."] as const;

/**
 * The entries without `module.`, `model.` and `_orig_mod.`, also several of them, where all have it before their names;
 * one that all of a network's `own` names begin with stays.
 *
 * @example
 * const tensors = unwrapped(await readWeights("checkpoint.pt"));
 */
export function unwrapped<T>(entries: ReadonlyMap<string, T>, own: Iterable<string> = []): Map<string, T> {
  const names = [...entries.keys()];
  const ownNames = [...own];
  const common = (all: readonly string[], prefix: string): boolean =>
    all.length > 0 && all.every((name) => name.startsWith(prefix) && name.length > prefix.length);
  const wrapping = wrappings.find((prefix) => common(names, prefix) && !common(ownNames, prefix));
  if (wrapping === undefined) return new Map(entries);
  return unwrapped(new Map([...entries].map(([name, entry]) => [name.slice(wrapping.length), entry])), ownNames);
}
