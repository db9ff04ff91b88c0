import { InvalidArgumentError } from "@commander-js/extra-typings";

/* What turns an option's text into a value, or says what is wanted. */

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

/** A list of values with commas between them. */
export function list<Value>(parse: (text: string) => Value): (text: string) => readonly Value[] {
  return (text) => text.split(",").map((part) => parse(part.trim()));
}

/** One of several names. */
export function choice<Name extends string>(names: readonly Name[]): (text: string) => Name {
  return (text) => {
    const name = names.find((each) => each === text);
    if (name === undefined) throw wanted(`one of ${names.join(", ")}`);
    return name;
  };
}

const units = { h: 3600, m: 60, s: 1 } as const;

/** A time such as 90s, 15m or 1h30m, in seconds. */
export function duration(text: string): number {
  const [whole, ...parts] = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text) ?? [];
  const seconds = Object.values(units).reduce((sum, unit, i) => sum + unit * Number(parts[i] ?? 0), 0);
  if (whole === undefined || seconds === 0) throw wanted("a time such as 90s, 15m or 1h30m");
  return seconds;
}

function numberIn(text: string): number {
  return text.trim() === "" ? Number.NaN : Number(text);
}

function wanted(what: string): InvalidArgumentError {
  return new InvalidArgumentError(`Wanted: ${what}.`);
}
