import { compileStep } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { torch } from "../../torch";
import { alike } from "./assignments";
import { Choices } from "./choices";
import { convolved } from "./reads";
import { type Inputs, isFilter, randomStep } from "./step";

const filterShapes: readonly number[][] = [
  // Sizes of 1 leave open in which order the elements stand.
  ...[
    [1, 1, 3, 2],
    [1, 1, 1, 1],
    [3, 3, 1, 2],
    [2, 2, 2, 1],
    [2, 3, 1, 1],
    [1, 1, 1, 4],
  ],
  ...[
    [2, 2, 2, 2],
    [3, 3, 3, 3],
    [3, 2, 2, 3],
    [2, 2, 2, 3],
  ],
];
const otherShapes: readonly number[][] = [[], [3], [6], [2, 3], [3, 3], [2, 3, 2], [2, 2, 2]];

const callCount = 10;

/** The numbers that every call leaves, in its outputs, the variables and what the caller holds, or an error's message. */
type History = readonly (readonly number[])[] | string;

/**
 * Runs a seed's random step, or two over the same variables, as it is and compiled. Returns where the two differ by more
 * than `tolerance`, or what they leave in memory; undefined where they come to the same.
 */
export function difference(seed: number, tolerance = 0): string | undefined {
  const [eager, compiled] = [history(seed, false), history(seed, true)];
  if (typeof eager === "string" || typeof compiled === "string") {
    const told = (history: History): string => (typeof history === "string" ? history : "it ran");
    return `seed ${seed}: eager: ${told(eager)}, compiled: ${told(compiled)}`;
  }
  for (const [call, numbers] of eager.entries()) {
    for (const [index, number] of numbers.entries()) {
      const got = compiled[call]?.[index] as number;
      const same = Object.is(got, number) || Math.abs(got - number) <= tolerance * (1 + Math.abs(number));
      if (!same) return `seed ${seed}: call ${call + 1}, number ${index}: ${got}, eager ${number}`;
    }
  }
  return undefined;
}

function history(seed: number, compiled: boolean): History {
  const before = torch().stats();
  const choices = new Choices(seed);
  const variables = randomVariables(choices);
  const bodies = Array.from({ length: choices.chance(0.25) ? 2 : 1 }, () => randomStep(choices, variables));
  const steps = bodies.map((body) => compileStep(body));
  const held: tf.Tensor[] = [];
  const alternatesShapes = choices.chance(0.25);
  const meddles = choices.chance(0.4);
  const numbers: number[][] = [];
  try {
    for (let call = 0; call < callCount; call++) {
      tf.tidy(() => {
        const inputs = randomInputs(choices, alternatesShapes ? 1 + (call % 2) : 1);
        // A body may return a variable, which the other one moves.
        const outputs = (compiled ? steps : bodies).flatMap((run) => run(inputs).map((output) => tf.clone(output)));
        numbers.push([...outputs, ...variables, ...held].flatMap(numbersOf));
        if (meddles) held.push(...meddle(choices, variables, inputs));
      });
    }
    for (const step of steps) step.dispose();
    numbers.push([...variables, ...held].flatMap(numbersOf));
  } catch (error) {
    return (error as Error).message;
  } finally {
    for (const step of steps) step.dispose();
    tf.dispose([...variables, ...held]);
  }
  const after = torch().stats();
  return after.tensors === before.tensors && after.bytes === before.bytes ? numbers : "something stays in memory";
}

function numbersOf(tensor: tf.Tensor): number[] {
  return Array.from(tensor.dataSync());
}

function randomVariables(choices: Choices): tf.Variable[] {
  const chosen: { shape: number[]; dtype: "float32" | "int32" }[] = [];
  for (let count = 2 + choices.below(3); count > 0; count--) {
    const again = chosen.length > 0 && choices.chance(0.6);
    const shape = choices.of(choices.chance(0.5) ? filterShapes : otherShapes);
    chosen.push(again ? choices.of(chosen) : { shape, dtype: choices.chance(0.85) ? "float32" : "int32" });
  }
  return chosen.map(({ shape, dtype }) => tf.tidy(() => tf.variable(randomTensor(choices, shape, dtype))));
}

function randomTensor(choices: Choices, shape: number[], dtype: "float32" | "int32"): tf.Tensor {
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, () => choices.number(-1, 1));
  return tf.tensor(dtype === "int32" ? values.map((value) => Math.round(8 * value)) : values, shape, dtype);
}

function randomInputs(choices: Choices, batch: number): Inputs {
  return {
    image: randomTensor(choices, [batch, 4, 4, 2], "float32"),
    flat: randomTensor(choices, [24 * batch], "float32"),
    counts: randomTensor(choices, [2, 3], "int32"),
    rate: randomTensor(choices, [], "float32"),
  };
}

/** What happens to a variable between two calls; returns what is held from now on. */
function meddle(choices: Choices, variables: readonly tf.Variable[], { image }: Inputs): tf.Tensor[] {
  const variable = choices.of(variables);
  const { shape, dtype } = variable;
  const fresh = (): tf.Tensor => randomTensor(choices, shape, dtype as "float32" | "int32");
  const convolve = (filter: tf.Tensor): void => {
    if (isFilter(filter)) convolved(image as tf.Tensor4D, filter, choices);
  };
  const acts: (() => void)[] = [
    () => variable.assign(fresh()),
    () => {
      // A convolution gives its filter another order of elements.
      const filter = fresh();
      convolve(filter);
      variable.assign(filter);
    },
    () => {
      const scene = { variables, image: image as tf.Tensor4D, made: [] };
      const others = alike(variable, scene).filter((each) => each !== variable);
      if (others.length > 0) variable.assign(choices.of<tf.Tensor>(others));
    },
    () => convolve(variable),
  ];
  if (choices.chance(0.2)) return [tf.keep(tf.clone<tf.Tensor>(variable))];
  choices.of(acts)();
  return [];
}
