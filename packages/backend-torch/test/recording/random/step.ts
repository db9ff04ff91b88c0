import * as tf from "@tensorflow/tfjs-core";
import { type Assign, assignValue, assignVariable, type Scene, swap } from "./assignments";
import { Choices } from "./choices";
import { convolved, readOf } from "./reads";
import { averageStep, gradientStep, lossOf, momentumStep, perturbedStep } from "./training";

/** The inputs of a random step. */
export type Inputs = Readonly<Record<"image" | "flat" | "counts" | "rate", tf.Tensor>>;

/** A step that makes the same choices at every call, of inputs of the same shapes. */
export type Body = (inputs: Inputs) => tf.Tensor[];

const assignments: readonly Assign[] = [
  ...Array.from({ length: 6 }, () => assignValue),
  ...[assignVariable, swap, gradientStep, perturbedStep, momentumStep, averageStep],
];

/** A random step over the variables: a few statements that read, assign and return. */
export function randomStep(start: Choices, variables: readonly tf.Variable[]): Body {
  const seed = start.below(2 ** 31);
  return ({ image, flat, counts, rate }) => {
    const choices = new Choices(seed);
    const made = [flat, counts, rate, image] as tf.Tensor[];
    const outputs: tf.Tensor[] = [];
    const scene: Scene = { variables, image: image as tf.Tensor4D, made };
    for (let statement = 2 + choices.below(5); statement > 0; statement--) {
      const kind = choices.below(10);
      if (kind < 4) choices.of(assignments)(choices.of(variables), scene, choices);
      else if (kind < 7) made.push(readSomething(scene, choices));
      else if (kind < 8) made.push(lossOf(scene, choices)());
      else if (kind < 9) made.push(tf.clone<tf.Tensor>(choices.of(variables)));
      else outputs.push(choices.of<tf.Tensor>([...made, ...variables]));
    }
    return [...outputs, made.at(-1) as tf.Tensor, choices.of<tf.Tensor>(variables)];
  };
}

function readSomething(scene: Scene, choices: Choices): tf.Tensor {
  const { variables, image, made } = scene;
  const filters = variables.filter(isFilter);
  if (filters.length > 0 && choices.chance(0.5)) return convolved(image, choices.of<tf.Tensor>(filters), choices);
  return readOf(choices.of<tf.Tensor>([...made, ...variables]), choices, [...variables, ...made]);
}

/** Whether a convolution can take it as its filter, and lay it out anew. */
export function isFilter({ rank, dtype }: tf.Tensor): boolean {
  return rank === 4 && dtype === "float32";
}
