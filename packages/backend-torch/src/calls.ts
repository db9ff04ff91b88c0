import type { Addon } from "./native";
import type { NativeType } from "./data";

/** Room for the shapes and integer attributes of one call, and for its other attributes. */
const wordCapacity = 1 << 16;
const numberCapacity = 1 << 12;

const types: readonly NativeType[] = ["float32", "int32", "bool"];

/** An input of a call. */
export interface CallInput {
  readonly handle: number;
  readonly shape: readonly number[];
}

/** An output of a call. */
export interface CallOutput {
  readonly handle: number;
  readonly dtype: NativeType;
  readonly shape: number[];
}

/** Lays kernels' arguments out in memory that the addon shares, which costs less than passing them one by one. */
export class Calls {
  readonly #words = new Int32Array(wordCapacity);
  readonly #numbers = new Float64Array(numberCapacity);
  readonly #indices: ReadonlyMap<string, number>;
  readonly #addon: Addon;

  constructor(addon: Addon) {
    this.#addon = addon;
    addon.attach(this.#words, this.#numbers);
    this.#indices = new Map(addon.kernels.map((name, index) => [name, index]));
  }

  /** Runs a native kernel. An absent input is undefined; `integers` and `numbers` are read by the kernel in turn. */
  run(
    name: string,
    inputs: readonly (CallInput | undefined)[],
    integers: readonly number[],
    numbers: readonly number[],
  ): CallOutput[] {
    const index = this.index(name);
    const length = this.#write(name, inputs, integers);
    this.#numbers.set(numbers);
    const outputs = this.#addon.run(index, length, numbers.length);
    return this.#read(outputs);
  }

  /** Runs a recorded step on inputs and variables by their handles. */
  replay(program: number, inputs: readonly number[], variables: readonly number[]): CallOutput[] {
    return this.#read(this.#addon.replay(program, Int32Array.from(inputs), Int32Array.from(variables)));
  }

  /** The addon's number of a kernel. */
  index(name: string): number {
    const index = this.#indices.get(name);
    if (index === undefined) throw new Error(`${name}: the addon has no such kernel; build it again`);
    return index;
  }

  #write(name: string, inputs: readonly (CallInput | undefined)[], integers: readonly number[]): number {
    const words = this.#words;
    let at = 0;
    words[at++] = inputs.length;
    for (const input of inputs) {
      words[at++] = input?.handle ?? -1;
      const shape = input?.shape ?? [];
      words[at++] = shape.length;
      for (const size of shape) words[at++] = size;
    }
    for (const integer of integers) words[at++] = integer;
    if (at > words.length)
      throw new Error(`${name}: ${inputs.length} inputs and ${integers.length} sizes are too many`);
    return at;
  }

  #read(count: number): CallOutput[] {
    const words = this.#words;
    const outputs: CallOutput[] = [];
    let at = 0;
    for (let i = 0; i < count; i++) {
      const handle = words[at] as number;
      const dtype = types[words[at + 1] as number] as NativeType;
      const rank = words[at + 2] as number;
      at += 3;
      const shape: number[] = [];
      for (let axis = 0; axis < rank; axis++) shape.push(words[at++] as number);
      outputs.push({ handle, dtype, shape });
    }
    return outputs;
  }
}
