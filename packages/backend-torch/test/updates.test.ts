import { expect, test } from "vitest";
import type { Step } from "../src/recording/trace";
import { withUpdates } from "../src/recording/updates";

const call = (inputs: number[], ...outputs: number[]): Step => ({
  kind: "call",
  name: "Any",
  inputs: inputs.map((register) => ({ register, shape: [] })),
  integers: [],
  numbers: [],
  outputs,
});

// Register 0 is an input, 1 and 2 are variables.
const isStatic = (register: number): boolean => register < 3;

test("a new value is written home after the last read of the old one, and lives there from then on", () => {
  const steps = [call([1], 3), call([1, 0], 4), call([3, 4], 5), { kind: "drop", register: 4 } as const];
  const updates = [{ home: 1, value: 3 }];
  expect(withUpdates({ steps, registers: 6, updates, outputs: [5], isStatic })).toEqual({
    steps: [
      call([1], 3),
      call([1, 0], 4),
      { kind: "copy", from: 3, to: 1 },
      { kind: "drop", register: 3 },
      call([1, 4], 5),
      { kind: "drop", register: 4 },
    ],
    registers: 6,
    outputs: [5],
  });
});

test("variables that swap their values are both read before either is written", () => {
  const updates = [
    { home: 1, value: 2 },
    { home: 2, value: 1 },
  ];
  expect(withUpdates({ steps: [], registers: 3, updates, outputs: [], isStatic }).steps).toEqual([
    { kind: "copy", from: 2, to: 3 },
    { kind: "copy", from: 1, to: 4 },
    { kind: "copy", from: 3, to: 1 },
    { kind: "copy", from: 4, to: 2 },
  ]);
});

test("an output has storage of its own: not an input's, a variable's or another output's", () => {
  const { steps, outputs } = withUpdates({
    steps: [call([0], 3)],
    registers: 4,
    updates: [{ home: 1, value: 3 }],
    outputs: [3, 3, 0, 1],
    isStatic,
  });
  expect(new Set(outputs).size).toBe(4);
  expect(outputs.filter(isStatic)).toEqual([]);
  // The old value of the variable, read before it is overwritten.
  const reads = steps.map((step) => (step.kind === "copy" ? `${step.from}>${step.to}` : step.kind));
  expect(reads.indexOf(`1>${outputs[3]}`)).toBeLessThan(reads.indexOf("3>1"));
});
