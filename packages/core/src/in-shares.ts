import { AwpError } from "./error";
import type { ProcessGroup } from "./process-group";

/** Work in units that do not depend on one another, which the ranks of a group share. */
export interface SharedWork<Unit, Outcome> {
  /** Who shares it; without one this process does all of it. */
  readonly group: ProcessGroup | undefined;
  /** The same ones on every rank, in the same order; each rank makes them all. */
  readonly units: Iterable<Unit> | AsyncIterable<Unit>;
  /** What comes of a unit: a value that can be cloned structurally. Nothing in it waits for the group. */
  readonly work: (unit: Unit) => Promise<Outcome>;
  /** Frees a unit: one of this rank's after its work, another's at once. */
  readonly release?: (unit: Unit) => void;
  /** Which unit it is, in a few words, by which ranks see that they do one job. @default "" */
  readonly label?: (unit: Unit) => string;
  /** Looked at before each unit: where there is a group, one that changes on all ranks alike, when something is gathered. */
  readonly signal: AbortSignal | undefined;
  /** What is gathered, in the group's messages. */
  readonly what: string;
}

/** What came of a unit, on every rank. */
export interface SharedOutcome<Outcome> {
  readonly outcome: Outcome;
  /** Its part of the time that its turn took on the slowest rank: all of them add up to the time on the clock. */
  readonly seconds: number;
}

/**
 * Work by shares: unit number b is done by rank b mod size. After each turn of one unit a rank, all gather what came of
 * it, so that every rank yields all outcomes, in the order of the units: what it makes of them is what one process
 * makes. A turn waits for its slowest unit, and the group's timeout must be longer than any unit takes.
 *
 * What a rank throws ends the work on all ranks in the same turn, also where the others have nothing to do.
 *
 * @example
 * // On every rank the sum of 1², 2², … 100², of which each rank squares a share.
 * const units = Array.from({ length: 100 }, (_, k) => k + 1);
 * let sum = 0;
 * const squares = inShares({ group, units, work: async (k: number) => k ** 2, signal: undefined, what: "squares" });
 * for await (const { outcome } of squares) sum += outcome;
 * @throws what the work throws on this rank; AwpError that names the rank for what another one throws, and for ranks
 * whose units are not the same.
 */
export async function* inShares<Unit, Outcome>(
  shared: SharedWork<Unit, Outcome>,
): AsyncGenerator<SharedOutcome<Outcome>, void> {
  const { group, what } = shared;
  const size = group?.size ?? 1;
  const turns = turnsOf(shared, group?.rank ?? 0, size);
  try {
    for (;;) {
      const own = await turns.next().then(
        ({ value }) => ({ turn: value as Turn<Outcome> }),
        (error: unknown) => ({ error }),
      );
      const told = "turn" in own ? own.turn : { failure: messageOf(own.error) };
      const all = group === undefined ? [told] : await group.allGather<Turn<Outcome> | Failure>(told, what);
      if ("error" in own) throw own.error;
      const done = all.map((each, rank) => checked(each, all[0], `rank ${rank} of ${size}, ${what}`));
      const units = own.turn.labels.length;
      const seconds = Math.max(...done.map((turn) => turn.seconds)) / units;
      for (const { outcome } of done.slice(0, units)) yield { outcome: outcome as Outcome, seconds };
      if (units < size) return;
    }
  } finally {
    await turns.return(undefined);
  }
}

/** What a rank has of a turn. */
interface Turn<Outcome> {
  /** One for each unit of the turn: fewer than there are ranks in the last one. */
  readonly labels: readonly string[];
  /** What came of this rank's unit, where the turn has one for it. */
  readonly outcome: Outcome | undefined;
  readonly seconds: number;
}

interface Failure {
  readonly failure: string;
}

/** This rank's part of each turn; only the last turn has fewer units than ranks, perhaps none. */
async function* turnsOf<Unit, Outcome>(
  { units, work, release, label, signal }: SharedWork<Unit, Outcome>,
  rank: number,
  size: number,
): AsyncGenerator<Turn<Outcome>, undefined> {
  let turn: Turn<Outcome> = { labels: [], outcome: undefined, seconds: 0 };
  for await (const unit of units) {
    try {
      signal?.throwIfAborted();
      const place = turn.labels.length;
      turn = { ...turn, labels: [...turn.labels, label?.(unit) ?? ""] };
      if (place === rank) {
        const began = performance.now();
        turn = { ...turn, outcome: await work(unit), seconds: (performance.now() - began) / 1000 };
      }
    } finally {
      release?.(unit);
    }
    if (turn.labels.length < size) continue;
    yield turn;
    turn = { labels: [], outcome: undefined, seconds: 0 };
  }
  yield turn;
}

/** A rank's part of a turn; throws unless it has done it, and is at the same units as the first rank. */
function checked<Outcome>(
  told: Turn<Outcome> | Failure,
  first: Turn<Outcome> | Failure | undefined,
  who: string,
): Turn<Outcome> {
  if ("failure" in told) throw new AwpError(`${who}: ${told.failure}`);
  if (first === undefined || "failure" in first) return told;
  const most = Math.max(told.labels.length, first.labels.length);
  const other = Array.from({ length: most }, (_, k) => k).find((k) => told.labels[k] !== first.labels[k]);
  if (other === undefined) return told;
  const shown = (label: string | undefined): string => (label === undefined ? "nothing" : JSON.stringify(label));
  throw new AwpError(
    `${who}: does ${shown(told.labels[other])} where rank 0 does ${shown(first.labels[other])}: all ranks need the same data and options`,
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
