import type { Register, Step } from "./trace";

export interface Layout {
  readonly registers: number;
  readonly inputs: readonly Register[];
  readonly variables: readonly Register[];
  readonly constants: readonly (readonly [register: Register, handle: number])[];
  readonly outputs: readonly Register[];
  readonly updates: readonly (readonly [variable: number, value: Register])[];
  readonly steps: readonly Step[];
  /** The addon's number of a kernel. */
  readonly kernel: (name: string) => number;
}

/** Lays a step out as native/recording/program.h reads it. */
export function encode(layout: Layout): [words: Int32Array, numbers: Float64Array] {
  const { registers, inputs, variables, constants, outputs, updates, steps, kernel } = layout;
  const words = [
    registers,
    ...list(inputs),
    ...list(variables),
    ...pairs(constants),
    ...list(outputs),
    ...pairs(updates),
  ];
  const numbers: number[] = [];
  for (const step of steps) {
    if (step.kind === "drop") words.push(1, step.register);
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

function pairs(values: readonly (readonly [number, number])[]): number[] {
  return [values.length, ...values.flat()];
}

function list(values: readonly number[]): number[] {
  return [values.length, ...values];
}
