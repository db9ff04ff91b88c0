import { latin1, utf8 } from "../bytes/text";
import { float, fromTwosComplement, integer, rawUnicode, unquoted } from "./literal";
import type { PickleMachine } from "./pickle-machine";
import { putPairs } from "./pickle-machine";
import { type PickleDict, type PickleName, textOf } from "./pickle-value";

type Run = (machine: PickleMachine) => void;

/** Bytes or text whose length comes first. */
function bytesOf(length: (m: PickleMachine) => number): Run {
  return (m) => m.push(m.cursor.take(length(m)));
}
function textOfLength(length: (m: PickleMachine) => number): Run {
  return (m) => m.push(utf8(m.cursor.take(length(m)), m.fail));
}

const u8: (m: PickleMachine) => number = (m) => m.cursor.u8();
const u32: (m: PickleMachine) => number = (m) => m.cursor.u32();
const i32: (m: PickleMachine) => number = (m) => m.cursor.i32();
const u64: (m: PickleMachine) => number = (m) => m.cursor.u64();

function lineOf({ cursor }: PickleMachine): string {
  return latin1(cursor.line());
}

function namedInLines(m: PickleMachine): PickleName {
  const module = lineOf(m);
  return m.named(module, lineOf(m));
}

function namedByStack(m: PickleMachine): void {
  const [module, name] = m.popMany(2).map(textOf);
  if (module === undefined || name === undefined) m.fail("not a pickle: a name that is no text");
  m.push(m.named(module as string, name as string));
}

function reduce(m: PickleMachine): void {
  const args = m.pop();
  m.push(m.call(m.pop(), args));
}

function dictOf(m: PickleMachine): void {
  const dict: PickleDict = new Map();
  putPairs(dict, m.popMark(), m.fail);
  m.push(dict);
}

function long(length: (m: PickleMachine) => number): Run {
  return (m) => m.push(fromTwosComplement(m.cursor, length(m)));
}

function refused(what: string): Run {
  return (m) => m.fail(`refused ${what}`);
}

/** What each opcode does, by the letter that Python's `pickletools` has for it. */
const table: Readonly<Record<string, Run>> = {
  // values
  N: (m) => m.push(null),
  "\x88": (m) => m.push(true),
  "\x89": (m) => m.push(false),
  I: (m) => m.push(integer(lineOf(m), m.fail)),
  L: (m) => m.push(integer(lineOf(m).replace(/L$/, ""), m.fail)),
  J: (m) => m.push(m.cursor.i32()),
  K: (m) => m.push(m.cursor.u8()),
  M: (m) => m.push(m.cursor.u16()),
  "\x8a": long(u8),
  "\x8b": long(i32),
  F: (m) => m.push(float(lineOf(m), m.fail)),
  G: (m) => m.push(m.cursor.f64(false)),
  S: (m) => m.push(unquoted(lineOf(m), m.fail)),
  T: bytesOf(i32),
  U: bytesOf(u8),
  C: bytesOf(u8),
  B: bytesOf(u32),
  "\x8e": bytesOf(u64),
  "\x96": bytesOf(u64),
  V: (m) => m.push(rawUnicode(lineOf(m), m.fail)),
  X: textOfLength(u32),
  "\x8c": textOfLength(u8),
  "\x8d": textOfLength(u64),
  // collections
  "(": (m) => m.mark(),
  ")": (m) => m.push([]),
  "]": (m) => m.push([]),
  "}": (m) => m.push(new Map()),
  "\x8f": (m) => m.push([]),
  "\x90": (m) => m.extend(m.popMark()),
  "\x91": (m) => m.push(m.popMark()),
  t: (m) => m.push(m.popMark()),
  l: (m) => m.push(m.popMark()),
  d: dictOf,
  "\x85": (m) => m.push(m.popMany(1)),
  "\x86": (m) => m.push(m.popMany(2)),
  "\x87": (m) => m.push(m.popMany(3)),
  a: (m) => m.extend([m.pop()]),
  e: (m) => m.extend(m.popMark()),
  s: (m) => m.setItems(m.popMany(2)),
  u: (m) => m.setItems(m.popMark()),
  // the stack and the memo
  "0": (m) => m.discard(),
  "1": (m) => void m.popMark(),
  "2": (m) => m.push(m.top()),
  p: (m) => m.remember(Number(integer(lineOf(m), m.fail))),
  q: (m) => m.remember(m.cursor.u8()),
  r: (m) => m.remember(m.cursor.u32()),
  "\x94": (m) => m.remember(m.memo.size),
  g: (m) => m.recall(Number(integer(lineOf(m), m.fail))),
  h: (m) => m.recall(m.cursor.u8()),
  j: (m) => m.recall(m.cursor.u32()),
  // names and calls
  c: (m) => m.push(namedInLines(m)),
  "\x93": namedByStack,
  R: reduce,
  "\x81": reduce,
  b: (m) => m.build(m.pop()),
  P: (m) => m.push(m.persistent(lineOf(m))),
  Q: (m) => m.push(m.persistent(m.pop())),
  i: (m) => m.push(m.call(namedInLines(m), m.popMark())),
  o: (m) => {
    const [callable = null, ...args] = m.popMark();
    m.push(m.call(callable, args));
  },
  "\x92": refused("a call with keywords"),
  "\x82": refused("a name by its number"),
  "\x83": refused("a name by its number"),
  "\x84": refused("a name by its number"),
  "\x97": refused("a buffer outside the pickle"),
  "\x98": refused("a buffer outside the pickle"),
  // the protocol
  "\x80": (m) => {
    const protocol = m.cursor.u8();
    if (protocol > 5) m.fail(`a pickle of protocol ${protocol}, want at most 5`);
  },
  "\x95": (m) => {
    const length = m.cursor.u64();
    if (length > m.cursor.remaining) m.fail(`truncated: a frame of ${length} bytes, ${m.cursor.remaining} are left`);
  },
};

/** {@link table} by byte. */
export const opcodes: ReadonlyMap<number, Run> = new Map(
  Object.entries(table).map(([letter, run]) => [letter.charCodeAt(0), run]),
);
