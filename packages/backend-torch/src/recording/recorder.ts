import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { TorchData } from "../data";
import type { CallStep, Register, Step } from "./trace";

/** What a register holds when the step begins; registers that are not here are filled by the step. */
export type Static<Variable> =
  | { readonly kind: "input" }
  | { readonly kind: "variable"; readonly variable: Variable; readonly info: TensorInfo }
  | { readonly kind: "constant"; readonly data: TorchData; readonly info: TensorInfo }
  | { readonly kind: "host"; readonly values: HostArray; readonly shape: readonly number[] };

type HostArray = Float32Array | Int32Array | Uint8Array;

/** A tensor that a call reads, beside what describes it. */
export interface Operand {
  readonly data: TorchData;
  readonly info: TensorInfo;
}

/**
 * Watches one run of a step and writes down what it does. With the recorder of an earlier run it throws where this run
 * does something else, in the middle of it, so that the error's stack leads to the line.
 */
export class Recorder<Variable> {
  readonly steps: Step[] = [];
  readonly statics: Map<Register, Static<Variable>> = new Map();
  /** The first thing that cannot be recorded: code in between may have caught it. */
  failure: Error | undefined = undefined;
  readonly #registers = new Map<TorchData, Register>();
  readonly #names: string[] = [];
  readonly #calls: CallStep[] = [];
  /** Values from the host, by their number. */
  readonly #hosts: Map<number, HostArray[]>;
  /** Those that were there before the run, by what they held. */
  readonly variables: ReadonlyMap<TorchData, Variable>;
  readonly #earlier: Recorder<Variable> | undefined;
  #count = 0;
  /** The call under way. */
  #call: Omit<CallStep, "outputs"> | undefined;

  constructor(
    inputs: readonly TorchData[],
    variables: ReadonlyMap<TorchData, Variable>,
    earlier: Recorder<Variable> | undefined,
  ) {
    this.variables = variables;
    this.#earlier = earlier;
    this.#hosts = earlier === undefined ? new Map<number, HostArray[]>() : earlier.#hosts;
    for (const data of inputs) this.statics.set(this.#register(data, "an input"), { kind: "input" });
  }

  get registers(): number {
    return this.#count;
  }

  /** A kernel is about to run. */
  calling(
    name: string,
    operands: readonly (Operand | undefined)[],
    integers: readonly number[],
    numbers: readonly number[],
  ): void {
    const inputs = operands.map(
      (operand) => operand && { register: this.registerOf(operand, name), shape: [...operand.info.shape] },
    );
    this.#call = { kind: "call", name, inputs, integers: [...integers], numbers: [...numbers] };
    this.#compareCall(this.#call);
  }

  /** It has run. */
  returned(outputs: readonly TorchData[]): void {
    const call = this.#call as CallStep;
    const step = { ...call, outputs: outputs.map((data) => this.#register(data, `the output of ${call.name}`)) };
    this.steps.push(step);
    this.#calls.push(step);
  }

  /** A tensor was made from values of the host. */
  created(data: TorchData, values: HostArray, shape: readonly number[]): void {
    const register = this.#register(data, "a tensor made from host data");
    this.statics.set(register, { kind: "host", values: this.#once(values), shape: [...shape] });
    const before = this.#earlier?.statics.get(register);
    if (this.#earlier === undefined) return;
    const title = `tensor of shape [${shape.join(", ")}] made from host data`;
    if (before?.kind !== "host" || before.values.constructor !== values.constructor) this.#refuseOther(`a ${title}`);
    const at = differenceAt(before.values, values);
    if (at !== undefined) {
      this.refuse(`a ${title} holds ${values[at]} where it held ${before.values[at]} in the call before: ${advice}`);
    }
  }

  /** A tensor's data was freed. */
  dropped(data: TorchData): void {
    const register = this.#registers.get(data);
    if (register === undefined || this.statics.has(register)) return;
    this.#registers.delete(data);
    this.steps.push({ kind: "drop", register });
  }

  /** The register of a tensor; one that the step has not seen yet is a variable or a constant from outside. */
  registerOf({ data, info }: Operand, reader: string): Register {
    const known = this.#registers.get(data);
    if (known !== undefined) return known;
    const variable = this.variables.get(data);
    const register = this.#register(data, variable === undefined ? "a tensor from outside" : "the value of a variable");
    this.statics.set(
      register,
      variable === undefined ? { kind: "constant", data, info } : { kind: "variable", variable, info },
    );
    if (this.#earlier !== undefined) this.#compareStatic(register, reader);
    return register;
  }

  /** What made the data that more tensors hold than these, by data; constants from outside may be held by anyone. */
  keptBeyond(references: ReadonlyMap<object, number>): string | undefined {
    for (const [data, register] of this.#registers) {
      if (this.statics.get(register)?.kind === "constant") continue;
      if (data.refCount > (references.get(data) ?? 0)) return this.#names[register];
    }
    return undefined;
  }

  /** Throws what could not be recorded, and where there were more calls before. */
  finish(): void {
    if (this.failure !== undefined) throw this.failure;
    const earlier = this.#earlier;
    if (earlier !== undefined && earlier.#calls.length !== this.#calls.length) {
      const [before, now] = [earlier.#calls.length, this.#calls.length];
      this.refuse(`the step ran ${before} kernels in the call before, now ${now}: ${sameAdvice}`);
    }
  }

  refuse(reason: string): never {
    this.failure ??= new Error(`compileStep: ${reason}`);
    throw this.failure;
  }

  /** A copy of the values, the same for the same values: gradients make ones of the same shape in every pass. */
  #once(values: HostArray): HostArray {
    const candidates = this.#hosts.get(values.length) ?? [];
    const known = candidates.find(
      (each) => each.constructor === values.constructor && differenceAt(each, values) === undefined,
    );
    if (known !== undefined) return known;
    const copy = values.slice();
    this.#hosts.set(values.length, [...candidates, copy]);
    return copy;
  }

  #register(data: TorchData, name: string): Register {
    this.#registers.set(data, this.#count);
    this.#names.push(name);
    return this.#count++;
  }

  #compareCall({ name, inputs, integers, numbers }: Omit<CallStep, "outputs">): void {
    if (this.#earlier === undefined) return;
    const before = this.#earlier.#calls[this.#calls.length];
    if (before === undefined || before.name !== name || before.inputs.length !== inputs.length) this.#refuseOther(name);
    for (const [index, input] of inputs.entries()) {
      const other = before.inputs[index];
      if (input?.register !== other?.register) this.refuse(`${name} reads other tensors than before: ${sameAdvice}`);
      const at = differenceAt(other?.shape ?? [], input?.shape ?? []);
      if (at !== undefined) this.refuse(`${name} reads the shape [${input?.shape}], before [${other?.shape}]`);
    }
    for (const [given, was] of [
      [integers, before.integers],
      [numbers, before.numbers],
    ] as const) {
      const at = differenceAt(was, given);
      if (at !== undefined) this.refuse(`${name} is given ${given[at]} where it was ${was[at]} before: ${advice}`);
    }
  }

  #compareStatic(register: Register, reader: string): void {
    const before = this.#earlier?.statics.get(register);
    const now = this.statics.get(register);
    const same =
      before?.kind === now?.kind &&
      (before?.kind !== "constant" || (now?.kind === "constant" && before.data === now.data)) &&
      (before?.kind !== "variable" || (now?.kind === "variable" && before.variable === now.variable));
    if (!same) {
      this.refuse(
        `${reader} reads another tensor from outside than in the call before: what changes must be an input or a tf.variable`,
      );
    }
  }

  #refuseOther(what: string): never {
    const before = this.#earlier === undefined ? undefined : this.#earlier.#calls[this.#calls.length];
    return this.refuse(`${what} where the call before ran ${before?.name ?? "nothing more"}: ${sameAdvice}`);
  }
}

const advice = "what changes between calls must be a tensor among the inputs";
const sameAdvice = "every call must run the same operations";

/** The first index at which two lists differ; NaN equals itself. */
function differenceAt(a: ArrayLike<number>, b: ArrayLike<number>): number | undefined {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (!Object.is(a[i], b[i])) return i;
  return undefined;
}
