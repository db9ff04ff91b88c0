/** A register of a recorded step: a tensor by the order in which the step first saw it. */
export type Register = number;

/** A native call of the step. */
export interface CallStep {
  readonly kind: "call";
  readonly name: string;
  readonly inputs: readonly (RegisterInput | undefined)[];
  readonly integers: readonly number[];
  readonly numbers: readonly number[];
  readonly outputs: readonly Register[];
}

interface RegisterInput {
  readonly register: Register;
  readonly shape: readonly number[];
}

/** What a step does, in order. */
export type Step = CallStep | { readonly kind: "drop"; readonly register: Register };
