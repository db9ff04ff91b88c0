import { InvalidArgumentError } from "@commander-js/extra-typings";

/* What turns an option's text into a value, or says what is wanted. */

/** A parser of an option's text that knows what may stand there, for shells that complete the line. */
export interface Parser<Value> {
  (text: string): Value;
  /** Values that one is likely to want; there may be others. */
  readonly candidates?: readonly string[];
  /** Whether several may stand there, with commas between them. */
  readonly several?: boolean;
}

/** An integer of at least `least`. */
export function integer(least: number): (text: string) => number {
  return (text) => {
    const value = numberIn(text);
    if (!Number.isSafeInteger(value) || value < least) throw wanted(`an integer of at least ${least}`);
    return value;
  };
}

/** A number of at least 0, in digits or as a fraction such as 8/255. */
export function fraction(text: string): number {
  const [numerator = "", denominator = "1", ...rest] = text.split("/");
  const value = numberIn(numerator) / numberIn(denominator);
  if (rest.length > 0 || !Number.isFinite(value) || value < 0) {
    throw wanted("a number or a fraction such as 8/255, not negative");
  }
  return value;
}

/** A finite number. */
export function number(text: string): number {
  const value = numberIn(text);
  if (!Number.isFinite(value)) throw wanted("a number");
  return value;
}

/** A list of values with commas between them. */
export function list<Value>(parse: Parser<Value>): Parser<readonly Value[]> {
  const parts = (text: string): readonly Value[] => text.split(",").map((part) => parse(part.trim()));
  return Object.assign(parts, { candidates: parse.candidates ?? [], several: true });
}

/** One of several names. */
export function choice<Name extends string>(names: readonly Name[]): Parser<Name> {
  const chosen = (text: string): Name => {
    const name = names.find((each) => each === text);
    if (name === undefined) throw wanted(`one of ${names.join(", ")}`);
    return name;
  };
  return Object.assign(chosen, { candidates: names });
}

/** A name that `check` takes; what it throws is what the user is told. */
export function name(check: (text: string) => unknown, candidates: readonly string[]): Parser<string> {
  const checked = (text: string): string => {
    try {
      check(text);
      return text;
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message);
    }
  };
  return Object.assign(checked, { candidates });
}

const units = { h: 3600, m: 60, s: 1 } as const;

/** A time such as 90s, 15m or 1h30m, in seconds. */
export function duration(text: string): number {
  const [whole, ...parts] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const seconds = Object.values(units).reduce((sum, unit, i) => sum + unit * Number(parts[i] ?? 0), 0);
  if (whole === undefined || seconds === 0) throw wanted("a time such as 90s, 15m or 1h30m");
  return seconds;
}

/** A share of the work among so many. */
export interface Share {
  /** Its number, from 0. */
  readonly index: number;
  readonly of: number;
}

/** A share such as 0/8, counted from 0 to 7 as the tasks of `#SBATCH --array=0-7`. */
export function share(text: string): Share {
  const [, index = Number.NaN, of = Number.NaN] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (Number.isNaN(of) || of === 0) throw wanted("a share such as 0/8");
  if (index >= of) throw wanted(`0/${of} to ${of - 1}/${of}, as #SBATCH --array=0-${of - 1} counts them`);
  return { index, of };
}

function numberIn(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function wanted(what: string): InvalidArgumentError {
  return new InvalidArgumentError(`Wanted: ${what}.`);
}
