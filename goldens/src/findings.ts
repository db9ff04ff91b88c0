import type { Fields } from "./fields";

/** One golden figure against ours. */
export interface Figure {
  readonly name: string;
  readonly deviation: number;
  readonly tolerance: number;
}

/** What was found out about a golden file. */
export interface Findings {
  readonly figures: readonly Figure[];
  /** What the library does not cover yet, by name. */
  readonly notYet: readonly string[];
  /** What a reader should know about how the figures came about. */
  readonly notes: readonly string[];
  check(name: string, deviation: number, tolerance: number): void;
  skip(name: string): void;
  note(text: string): void;
}

export function findings(): Findings {
  const figures: Figure[] = [];
  const notYet: string[] = [];
  const notes: string[] = [];
  return {
    figures,
    notYet,
    notes,
    check: (name, deviation, tolerance) => void figures.push({ name, deviation, tolerance }),
    skip: (name) => void notYet.push(name),
    note: (text) => void notes.push(text),
  };
}

/** The part of its tolerance that a figure takes up. */
export function share({ deviation, tolerance }: Figure): number {
  return deviation === 0 ? 0 : deviation / tolerance;
}

/** The figure that is worst for its tolerance. */
export function worst(figures: readonly Figure[]): Figure | undefined {
  const [first, ...others] = figures;
  return first && others.reduce((worst, figure) => (share(figure) > share(worst) ? figure : worst), first);
}

export const isWithin = (figure: Figure): boolean => figure.deviation <= figure.tolerance;

/** A figure of a file, or the whole of it, that the library does not cover yet. */
export class NotYet extends Error {
  override readonly name = "NotYet";
}

/** Something that a file needs is not on this machine. */
export class Missing extends Error {
  override readonly name = "Missing";
}

/** Throws {@link NotYet} for fields that nobody here knows: they may change what the others mean. */
export function requireKnown(golden: Fields, known: readonly string[]): void {
  const unknown = golden.keys.filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new NotYet(unknown.map((key) => `${golden.path}.${key}`).join(", "));
}
