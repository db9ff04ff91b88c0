import { ByteCursor } from "../bytes/byte-cursor";
import { opcodes } from "./opcodes";
import { longestProgram, PickleMachine } from "./pickle-machine";
import type { PickleOptions, PickleValue } from "./pickle-value";

const stop = 0x2e;

/**
 * The value that a pickle describes (protocols 0 to 5), with nothing of Python's run: a name that `names` has not is
 * refused when it is met. Lengths are checked against the file before anything is allocated, and work, nesting and
 * memory are bounded. Strings of bytes are views of `bytes`.
 *
 * @example
 * const labels = decodePickle(await readFile("labels.pkl"), { names: plainNames, fail });
 * @throws what `fail` throws, for anything that is refused, damaged or followed by more bytes
 */
export function decodePickle(bytes: Uint8Array, options: PickleOptions): PickleValue {
  const cursor = new ByteCursor(bytes, options.fail);
  const value = readPickle(cursor, options);
  if (cursor.remaining > 0) options.fail(`${cursor.remaining} bytes follow the end of the pickle`);
  return value;
}

/** The value of the next of several pickles, as {@link decodePickle}; the cursor is behind it then. */
export function readPickle(cursor: ByteCursor, options: PickleOptions): PickleValue {
  const machine = new PickleMachine(cursor, options);
  const { fail } = options;
  for (let steps = 0; steps < longestProgram; steps++) {
    const opcode = cursor.u8();
    if (opcode === stop) return machine.pop();
    const run = opcodes.get(opcode);
    if (run === undefined) return fail(`not a pickle: opcode ${opcode} at byte ${cursor.position - 1}`);
    run(machine);
  }
  return fail(`a pickle of more than ${longestProgram} opcodes`);
}
