import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "@tensorflow/tfjs-core";
import { type ContractKernel, runNamedKernel } from "./kernel";

/** Two tensors of one shape, and what the second is multiplied by before it is added. */
export interface ScaledSum {
  readonly base: Tensor;
  readonly addend: Tensor;
  readonly factor: number;
}

const kernel: ContractKernel<"AddScaled"> = {
  name: "AddScaled",
  composite: (inputs, { factors }) =>
    factors.map((factor, i) => {
      const [base, addend] = [inputs[`base${i}`] as Tensor, inputs[`addend${i}`] as Tensor];
      return tf.add(base, factor === 1 ? addend : tf.mul(addend, factor));
    }),
};

/** `base + factor · addend` for each sum, all of them at once where the backend can; new tensors. */
export function addScaled(sums: readonly ScaledSum[]): readonly Tensor[] {
  if (sums.length === 0) return [];
  const inputs = Object.fromEntries(
    sums.flatMap(({ base, addend }, i) => [
      [`base${i}`, base],
      [`addend${i}`, addend],
    ]),
  );
  return runNamedKernel(kernel, inputs, { factors: sums.map(({ factor }) => factor) });
}
