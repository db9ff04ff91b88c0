import { AwpError, type ProcessGroup } from "@awp/core";
import { requireArgument } from "@awp/core/authoring";

/** A signal that all ranks watch, of which each may have its own source. */
interface Watched {
  readonly own: AbortSignal | undefined;
  readonly common: AbortController;
}

/** Why a rank wants the signal of that number aborted, in words. */
interface Wish {
  readonly signal: number;
  readonly why: string;
}

/** What travels with each value that the ranks gather. */
interface Letter<T> {
  readonly what: string | undefined;
  readonly value: T;
  readonly wishes: readonly Wish[];
}

const watchedBy = new WeakMap<ProcessGroup, Watched[]>();

/**
 * The group with a way to agree: each of its `allGather`s carries what the ranks want of the signals that they have
 * {@link agreed} on, and fails where the ranks gather different things, that is, have lost step. The groups of this
 * package are such groups; one of your own becomes one by this.
 *
 * @example
 * const together = agreeing(alone);
 */
export function agreeing(group: ProcessGroup): ProcessGroup {
  const watched: Watched[] = [];
  const wrapped: ProcessGroup = {
    rank: group.rank,
    size: group.size,
    allReduce: (tensors, what) => group.allReduce(tensors, what),
    broadcast: (tensors, what) => group.broadcast(tensors, what),
    async allGather<T>(value: T, what?: string) {
      const letters = await group.allGather<Letter<T>>({ what, value, wishes: wishesOf(watched) }, what);
      requireInStep(letters);
      for (const [rank, { wishes }] of letters.entries()) {
        for (const wish of wishes) fulfil(watched[wish.signal], wish, rank);
      }
      return letters.map((letter) => letter.value);
    },
    barrier: (what) => group.barrier(what),
  };
  watchedBy.set(wrapped, watched);
  return wrapped;
}

/**
 * A signal that is aborted on all ranks at the same point of what they do together, once `signal` is aborted on any of
 * them: in the next `allGather` of the group. A rank that ended by a signal of its own would leave the others waiting.
 *
 * Its reason is that of `signal` where the rank has one, else an `AbortError` that names the rank. All ranks must call
 * this for the same signals in the same order; a rank that has none gives none. A signal that comes from here is given
 * back as it is.
 *
 * @example
 * const pause = agreed(group, AbortSignal.timeout(3_600_000)); // when the first of them has trained for an hour
 * const training = train({ ...settings, pause });
 * @throws ArgumentError for a group that carries no signals: see `agreeing`
 */
export function agreed(group: ProcessGroup, signal?: AbortSignal): AbortSignal {
  const watched = watchedBy.get(group);
  requireArgument(watched !== undefined, "group", group, "one made by processGroup, alone or agreeing");
  // It is aborted on all at once as it is; through another one it would be a gathering late.
  if (watched.some(({ common }) => common.signal === signal)) return signal as AbortSignal;
  const common = new AbortController();
  watched.push({ own: signal, common });
  return common.signal;
}

function wishesOf(watched: readonly Watched[]): readonly Wish[] {
  return watched.flatMap(({ own, common }, signal) =>
    own?.aborted === true && !common.signal.aborted ? [{ signal, why: inWords(own.reason) }] : [],
  );
}

function fulfil(watched: Watched | undefined, { why }: Wish, rank: number): void {
  if (watched === undefined) return;
  const { own, common } = watched;
  common.abort(own?.aborted === true ? own.reason : new DOMException(`rank ${rank}: ${why}`, "AbortError"));
}

function requireInStep(letters: readonly Letter<unknown>[]): void {
  const [first] = letters;
  const other = letters.findIndex(({ what }) => what !== first?.what);
  if (other < 0) return;
  throw new AwpError(
    `the ranks have lost step: rank 0 gathers ${first?.what ?? "values"}, rank ${other} ${letters[other]?.what ?? "values"}`,
  );
}

function inWords(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
