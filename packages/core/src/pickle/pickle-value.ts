import type { Fail } from "../bytes/byte-cursor";
import { latin1 } from "../bytes/text";

/**
 * What a pickle holds. Lists, tuples and sets are arrays, dicts are maps, integers beyond 2^53 are bigints, and `bytes` and the
 * strings of Python 2 are views of the file's bytes (a dict has them by their text).
 *
 * A value may contain itself: what walks through one bounds its own depth.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleDict
  | PickleName
  | PickleObject;

export type PickleDict = Map<PickleKey, PickleValue>;
type PickleKey = null | boolean | number | bigint | string;

/** A name of Python that the allow-list has. */
export class PickleName {
  readonly name: string;
  readonly make: PickleMake | undefined;

  constructor(name: string, make: PickleMake | undefined) {
    this.name = name;
    this.make = make;
  }
}

/** What a name of the allow-list stands for when it is called: a pure function of ours, or of whoever extends the list. */
export type PickleMake = (args: readonly PickleValue[], context: PickleContext) => PickleValue;

/** An object that {@link PickleMake} made and that Python's `__setstate__` completes. */
export abstract class PickleObject {
  abstract build(state: PickleValue, context: PickleContext): void;
}

export interface PickleContext {
  readonly fail: Fail;
  /** Counts the values or bytes that a call is about to allocate; fails where a small file asks for many. */
  readonly charge: (amount: number) => void;
}

export interface PickleOptions {
  /** The allow-list: what each `module.name` makes of its arguments, or null for one that is only named. */
  readonly names: ReadonlyMap<string, PickleMake | null>;
  /** What stands for data outside the pickle, as the tensors of a checkpoint do; without it they are refused. */
  readonly persistent?: (id: PickleValue, context: PickleContext) => PickleValue;
  /** What whoever has a file with another name can do, for the error. */
  readonly advice?: string;
  /** Throws the error for bytes that are refused. */
  readonly fail: Fail;
}

/** A value in words, for errors; never more than a few, however deep the value is. */
export function described(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return `a dict of ${value.size}`;
  if (value instanceof PickleName) return value.name;
  if (value instanceof PickleObject) return "an object";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The text of a string of Python 2 or 3, or undefined. */
export function textOf(value: PickleValue | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array && value.length <= 4096 ? latin1(value) : undefined;
}
