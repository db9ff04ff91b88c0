import type { Register, Step } from "./trace";

/** A variable that the step moves: the register of its storage and that of its last value. */
export interface Update {
  readonly home: Register;
  readonly value: Register;
}

export interface Unfinished {
  readonly steps: readonly Step[];
  /** How many registers the steps use. */
  readonly registers: number;
  readonly updates: readonly Update[];
  readonly outputs: readonly Register[];
  /** Whether a register holds what lives longer than a run: an input, a variable, a constant. */
  readonly isStatic: (register: Register) => boolean;
}

export interface Finished {
  readonly steps: readonly Step[];
  readonly registers: number;
  /** Registers of which each is filled by the step, and none is another's. */
  readonly outputs: readonly Register[];
}

/**
 * Writes each variable's last value into its own storage, as soon as nothing reads the old value any more, so that the
 * two need not live side by side until the end; and gives every output storage of its own.
 */
export function withUpdates({ steps, registers, updates, outputs, isStatic }: Unfinished): Finished {
  const reads = [...updates.map(({ value }) => value), ...outputs];
  const readsAtEnd = (register: Register): number => reads.filter((read) => read === register).length;
  const isEarly = ({ home, value }: Update): boolean =>
    !isStatic(value) && readsAtEnd(value) === 1 && readsAtEnd(home) === 0;

  const last = lastTouches(steps);
  const early = new Map<number, Update[]>();
  for (const update of updates.filter(isEarly)) {
    const at = Math.max(last.written.get(update.value) ?? 0, last.read.get(update.home) ?? 0);
    early.set(at, [...(early.get(at) ?? []), update]);
  }

  const result: Step[] = [];
  const moved = new Map<Register, Register>();
  for (const [index, step] of steps.entries()) {
    result.push(renamed(step, moved));
    for (const { home, value } of early.get(index) ?? []) {
      result.push({ kind: "copy", from: value, to: home }, { kind: "drop", register: value });
      moved.set(value, home);
    }
  }

  let next = registers;
  const copied = (from: Register): Register => {
    const to = next++;
    result.push({ kind: "copy", from, to });
    return to;
  };
  // Everything that an update overwrites is read before the first of them.
  const late = updates
    .filter((update) => !isEarly(update))
    .map(({ home, value }) => ({ home, value: isStatic(value) ? copied(value) : value }));
  const own = outputs.map((output, index) =>
    isStatic(output) || outputs.indexOf(output) < index ? copied(output) : output,
  );
  result.push(...late.map(({ home, value }): Step => ({ kind: "copy", from: value, to: home })));
  return { steps: result, registers: next, outputs: own };
}

/** For each register the index of the step that fills it, and of the last that reads it. */
function lastTouches(steps: readonly Step[]): Record<"written" | "read", Map<Register, number>> {
  const written = new Map<Register, number>();
  const read = new Map<Register, number>();
  for (const [index, step] of steps.entries()) {
    if (step.kind !== "call") continue;
    for (const output of step.outputs) written.set(output, index);
    for (const input of step.inputs) if (input !== undefined) read.set(input.register, index);
  }
  return { written, read };
}

function renamed(step: Step, names: ReadonlyMap<Register, Register>): Step {
  if (step.kind !== "call") return step;
  const inputs = step.inputs.map((input) => {
    const register = input && names.get(input.register);
    return input === undefined || register === undefined ? input : { ...input, register };
  });
  return { ...step, inputs };
}
