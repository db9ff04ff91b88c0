import { crossEntropy, type Labels, type Logits, random, uniform } from "@awp/core";
import { batchNormTraining, updateMovingAverage } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { onTorch, outcomeOn } from "../torch";

onTorch();

const draw = (seed: number, shape: number[]): tf.Tensor => uniform(random(seed), shape, -2, 2);
const image = (x: tf.Tensor): tf.Tensor4D => x as tf.Tensor4D;
const labels = (): Labels => tf.tensor1d([0, 3, 1, 2, 2], "int32");

/** The gradients of Σ w·f in every input, w random. */
function gradients(f: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): tf.Tensor[] {
  return tf.grads((...xs: tf.Tensor[]) => {
    const y = f(...xs);
    return tf.sum(tf.mul(y, draw(9, y.shape)));
  })(inputs);
}

const batchNorm = (activation: "none" | "relu") => (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
  batchNormTraining(image(x), scale as tf.Tensor1D, offset as tf.Tensor1D, 1e-3, activation).output;
const batchNormInputs = (): tf.Tensor[] => [draw(1, [3, 4, 5, 7]), draw(2, [7]), draw(3, [7])];

const cases: Record<string, () => tf.Tensor | tf.Tensor[]> = {
  "cross-entropy": () => crossEntropy(draw(1, [5, 4]) as Logits, labels()),
  "the gradient of cross-entropy": () => gradients((z) => crossEntropy(z as Logits, labels()), [draw(1, [5, 4])]),
  "batch norm": () => batchNorm("none")(...(batchNormInputs() as [tf.Tensor, tf.Tensor, tf.Tensor])),
  "batch norm with ReLU": () => batchNorm("relu")(...(batchNormInputs() as [tf.Tensor, tf.Tensor, tf.Tensor])),
  "the gradients of batch norm": () => gradients(batchNorm("none"), batchNormInputs()),
  "the gradients of batch norm with ReLU": () => gradients(batchNorm("relu"), batchNormInputs()),
  "batch norm that moves running statistics": () => {
    const [x, scale, offset] = batchNormInputs();
    const [mean, variance] = [tf.variable(draw(4, [7])), tf.variable(draw(5, [7]))];
    const running = { mean, variance, momentum: 0.3, unbiased: true };
    const { output } = batchNormTraining(image(x!), scale as tf.Tensor1D, offset as tf.Tensor1D, 1e-3, "relu", running);
    const moved = [output, tf.clone(mean), tf.clone(variance)];
    tf.dispose([mean, variance]);
    return moved;
  },
  "a moving average": () => {
    const average = tf.variable(draw(1, [6]));
    updateMovingAverage(average, draw(2, [6]), 0.3, 1.25);
    const moved = tf.clone(average);
    average.dispose();
    return moved;
  },
};

// On cpu the same calls run the composites in JavaScript.
test.each(Object.entries(cases))("%s is what JavaScript computes", async (_, compute) => {
  const [ours, reference] = [await outcomeOn("torch", compute), await outcomeOn("cpu", compute)];
  expect(reference.threw).toBe(false);
  expect(ours.tensors).toHaveLength(reference.tensors.length);
  for (const [index, { shape, values }] of reference.tensors.entries()) {
    expect(ours.tensors[index]?.shape).toEqual(shape);
    expect(ours.tensors[index]?.values).toEqual(values.map((value) => expect.closeTo(value, 4) as number));
  }
});

// w = [1, 2], g = [0.5, −1], m = [2, 0], rate 0.1, momentum 0.9: m' = 0.9·m + g = [2.3, −1].
test.each([
  { nesterov: false, weights: [1 - 0.23, 2.1] },
  { nesterov: true, weights: [1 - 0.1 * (0.5 + 0.9 * 2.3), 2 + 0.1 * (1 + 0.9)] },
])("SgdUpdate with momentum, nesterov $nesterov", ({ nesterov, weights }) => {
  const inputs = {
    learningRate: tf.scalar(0.1),
    weight0: tf.tensor1d([1, 2]),
    gradient0: tf.tensor1d([0.5, -1]),
    buffer0: tf.tensor1d([2, 0]),
  };
  const [weight, buffer] = sgdUpdate(inputs, { count: 1, momentum: 0.9, nesterov });
  expect(weight).toEqual(weights.map((value) => expect.closeTo(value, 6) as number));
  expect(buffer).toEqual([expect.closeTo(2.3, 6), -1]);
});

test("SgdUpdate without momentum, of several weights", () => {
  const inputs = {
    learningRate: tf.scalar(0.5),
    weight0: tf.tensor1d([1, 2]),
    weight1: tf.tensor2d([[3]]),
    gradient0: tf.tensor1d([2, -2]),
    gradient1: tf.tensor2d([[4]]),
  };
  expect(sgdUpdate(inputs, { count: 2, momentum: 0, nesterov: false })).toEqual([[0, 3], [1]]);
});

function sgdUpdate(inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap): number[][] {
  const outputs = tf.engine().runKernel<tf.Tensor[]>("SgdUpdate", inputs, attributes);
  return outputs.map((output) => Array.from(output.dataSync()));
}
