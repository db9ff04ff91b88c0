import type { Register, Step } from "./trace";

export interface Layout {
  readonly registers: number;
  readonly inputs: readonly Register[];
  /** Variables and constants: registers that are filled from the table of handles before a run. */
  readonly statics: readonly (readonly [register: Register, handle: number])[];
  readonly outputs: readonly Register[];
  readonly steps: readonly Step[];
  /** The addon's number of a kernel. */
  readonly kernel: (name: string) => number;
}

/** Lays a step out as native/program.h reads it. */
export function encode(layout: Layout): [words: Int32Array, numbers: Float64Array] {
  const { registers, inputs, statics, outputs, steps, kernel } = layout;
  const words = [registers, ...list(inputs), statics.length, ...statics.flat(), ...list(outputs)];
  const numbers: number[] = [];
  for (const step of steps) {
    if (step.kind === "drop") words.push(1, step.register);
    else if (step.kind === "copy") words.push(2, step.from, step.to);
    else {
      const operands = step.inputs.flatMap((input) =>
        input === undefined ? [-1, 0] : [input.register, ...list(input.shape)],
      );
      const call = [step.inputs.length, ...operands, ...step.integers];
      words.push(0, kernel(step.name), ...list(step.outputs), ...list(call), step.numbers.length);
      numbers.push(...step.numbers);
    }
  }
  return [Int32Array.from(words), Float64Array.from(numbers)];
}

function list(values: readonly number[]): number[] {
  return [values.length, ...values];
}
