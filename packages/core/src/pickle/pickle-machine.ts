import type { ByteCursor, Fail } from "../bytes/byte-cursor";
import {
  described,
  type PickleContext,
  type PickleDict,
  PickleName,
  PickleObject,
  type PickleOptions,
  type PickleValue,
  textOf,
} from "./pickle-value";

/** Opcodes that one pickle may have: the largest official file has a quarter of a million. */
export const longestProgram: number = 2 ** 21;

/** Marks that may be open at once. */
const deepestNesting = 1000;

/** The stack machine that a pickle is a program of. It pushes values, and calls nothing but what `names` has. */
export class PickleMachine {
  readonly cursor: ByteCursor;
  readonly fail: Fail;
  readonly memo: Map<number, PickleValue> = new Map();
  readonly context: PickleContext;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #options: PickleOptions;

  constructor(cursor: ByteCursor, options: PickleOptions) {
    this.cursor = cursor;
    this.fail = options.fail;
    this.#options = options;
    // Without this, one long string in the memo could be copied by each of a million calls.
    let budget = 8 * cursor.remaining + 2 ** 16;
    const charge = (amount: number): void => {
      budget -= amount;
      if (!(budget >= 0)) this.fail("a pickle that asks for far more memory than it has bytes");
    };
    this.context = { fail: this.fail, charge };
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  pop(): PickleValue {
    this.#requireAbove(1);
    return this.#stack.pop() as PickleValue;
  }

  top(): PickleValue {
    this.#requireAbove(1);
    return this.#stack.at(-1) as PickleValue;
  }

  /** The top `count` values, in the order of their pushes. */
  popMany(count: number): PickleValue[] {
    this.#requireAbove(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  mark(): void {
    if (this.#marks.length >= deepestNesting) this.fail(`more than ${deepestNesting} collections inside one another`);
    this.#marks.push(this.#stack.length);
  }

  /** The values above the last mark, which goes. */
  popMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) return this.fail("not a pickle: it ends a collection that it has not begun");
    return this.#stack.splice(start);
  }

  /** Removes the top: a value, or a mark with nothing above it. */
  discard(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(key: number): void {
    this.memo.set(key, this.top());
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) return this.fail(`not a pickle: nothing is remembered as ${key}`);
    this.push(value);
  }

  /** A name of the allow-list; every other one ends the reading. */
  named(module: string, name: string): PickleName {
    const full = `${module}.${name}`;
    const make = this.#options.names.get(full);
    if (make !== undefined) return new PickleName(full, make ?? undefined);
    const { advice } = this.#options;
    const refused = `refused ${JSON.stringify(full.slice(0, 200))}, which this reader does not allow in a pickle`;
    return this.fail(advice === undefined ? refused : `${refused}; ${advice}`);
  }

  call(callable: PickleValue, args: PickleValue): PickleValue {
    const name = callable instanceof PickleName ? callable : this.fail(`refused a call of ${described(callable)}`);
    if (name.make === undefined) return this.fail(`refused a call of ${name.name}`);
    if (!Array.isArray(args)) return this.fail(`${name.name} is called with ${described(args)}, want a tuple`);
    return name.make(args, this.context);
  }

  persistent(id: PickleValue): PickleValue {
    const { persistent } = this.#options;
    if (persistent === undefined) return this.fail(`refused a reference to data outside the pickle: ${described(id)}`);
    return persistent(id, this.context);
  }

  build(state: PickleValue): void {
    const object = this.top();
    if (object instanceof PickleObject) object.build(state, this.context);
    // A dict that has attributes too, as torch's state dicts have: they are no entries, so they are left out.
    else if (!(object instanceof Map)) this.fail(`refused to set the state of ${described(object)}`);
  }

  extend(values: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) return this.fail(`not a pickle: it appends to ${described(list)}`);
    for (const value of values) list.push(value);
  }

  setItems(pairs: readonly PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) return this.fail(`not a pickle: it sets entries of ${described(dict)}`);
    putPairs(dict, pairs, this.fail);
  }

  #requireAbove(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) this.fail("not a pickle: it takes more than there is");
  }
}

/** Puts keys and values that alternate into a dict. */
export function putPairs(dict: PickleDict, pairs: readonly PickleValue[], fail: Fail): void {
  if (pairs.length % 2 !== 0) fail("not a pickle: a key without a value");
  for (let at = 0; at < pairs.length; at += 2) {
    const given = pairs[at] as PickleValue;
    const key = textOf(given) ?? given;
    if (typeof key === "object" && key !== null) return fail(`a dict with ${described(given)} as a key`);
    dict.set(key, pairs[at + 1] as PickleValue);
  }
}
