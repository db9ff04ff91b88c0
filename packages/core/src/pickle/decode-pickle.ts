import { opcodes } from "./opcodes";
import { longestProgram, PickleMachine } from "./pickle-machine";
import type { PickleOptions, PickleValue } from "./pickle-value";

const stop = 0x2e;

/**
 * The value that a pickle describes (protocols 0 to 5), with nothing of Python's run: a name that `names` has not is
 * refused when it is met. Lengths are checked against the file before anything is allocated, and work, nesting and
 * memory are bounded. Strings of bytes are views of `bytes`.
 *
 * @throws what `fail` throws, for anything that is refused, damaged or followed by more bytes
 */
export function decodePickle(bytes: Uint8Array, options: PickleOptions): PickleValue {
  const machine = new PickleMachine(bytes, options);
  const { cursor, fail } = machine;
  for (let steps = 0; steps < longestProgram; steps++) {
    const opcode = cursor.u8();
    if (opcode === stop) {
      const value = machine.pop();
      if (cursor.remaining > 0) fail(`${cursor.remaining} bytes follow the end of the pickle`);
      return value;
    }
    const run = opcodes.get(opcode);
    if (run === undefined) return fail(`not a pickle: opcode ${opcode} at byte ${cursor.position - 1}`);
    run(machine);
  }
  return fail(`a pickle of more than ${longestProgram} opcodes`);
}
