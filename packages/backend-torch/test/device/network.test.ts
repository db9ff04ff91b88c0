import { compileStep, crossEntropy, type Labels, type Logits, normal, random } from "@awp/core";
import { batchNormTraining } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { setPrecision } from "../../src";
import { onTorch } from "../torch";
import { onCpuRoutes, onDeviceRoutes, type Storage } from "./device-routes";

onTorch();
onDeviceRoutes();

const channels = 12;

/** A pre-activation ResNet of two blocks and 5 classes, with running statistics. */
function network() {
  const draw = (seed: number, shape: number[], std: number) => normal(random(seed), shape, 0, std);
  const filters = [0, 1, 2, 3, 4].map((i) => draw(i, [3, 3, i === 0 ? 3 : channels, channels], i === 0 ? 0.3 : 0.1));
  const vectors = [0, 1, 2, 3, 4].flatMap((i) => [draw(10 + i, [channels], 1), draw(20 + i, [channels], 0.5)]);
  const weights = [...filters, ...vectors, draw(30, [channels, 5], 0.5)].map((value) => tf.variable(value));
  const statistics = [0, 1, 2, 3, 4].flatMap(() => [
    tf.variable(tf.zeros([channels])),
    tf.variable(tf.ones([channels])),
  ]);
  return { weights, statistics, dispose: () => tf.dispose([weights, statistics]) };
}

function loss(images: tf.Tensor, { weights, statistics }: ReturnType<typeof network>): tf.Scalar {
  const convolve = (x: tf.Tensor, i: number, stride = 1) =>
    tf.conv2d(x as tf.Tensor4D, weights[i] as tf.Tensor as tf.Tensor4D, stride, "same");
  const normalize = (x: tf.Tensor, i: number) => {
    const [scale, offset] = weights.slice(5 + 2 * i, 7 + 2 * i) as unknown as [tf.Tensor1D, tf.Tensor1D];
    const running = { mean: statistics[2 * i]!, variance: statistics[2 * i + 1]!, momentum: 0.1, unbiased: true };
    return batchNormTraining(x as tf.Tensor4D, scale, offset, 1e-5, "relu", running).output;
  };
  let x: tf.Tensor = convolve(images, 0);
  for (const block of [0, 1]) {
    const inner = normalize(convolve(normalize(x, 2 * block), 1 + 2 * block), 2 * block + 1);
    x = tf.add(x, convolve(inner, 2 + 2 * block));
  }
  const pooled = tf.mean(normalize(x, 4), [1, 2]) as tf.Tensor2D;
  const labels = tf.tensor1d([0, 3, 1], "int32") as Labels;
  return tf.mean(crossEntropy(tf.matMul(pooled, weights[15] as tf.Tensor as tf.Tensor2D) as Logits, labels));
}

/** The loss, the gradients in the images and all weights, and the running statistics behind. */
function pass(): number[][] {
  const model = network();
  const outputs = tf.tidy(() => {
    const images = tf.variable(normal(random(40), [3, 9, 9, 3]));
    const { value, grads } = tf.variableGrads(() => loss(images, model), [images, ...model.weights]);
    const gradients = [images, ...model.weights].map(({ name }) => grads[name]!);
    const values = [value, ...gradients, ...model.statistics].map((tensor) => Array.from(tensor.dataSync()));
    images.dispose();
    return values as unknown as tf.TensorContainer;
  });
  model.dispose();
  return outputs as unknown as number[][];
}

const length = (values: readonly number[]): number => Math.hypot(...values);

// In bfloat16, what the CPU rounds at convolutions alone the device rounds behind every layer.
test.each([
  ["float32", 1e-4],
  ["bfloat16", 0.05],
] as const)("a ResNet's gradients in %s are those by the CPU's routes", (storage: Storage, tolerance) => {
  const run = () => {
    setPrecision({ storage });
    return pass();
  };
  const [onDevice, onCpu] = [run(), onCpuRoutes(run)];
  for (const [i, wanted] of onCpu.entries()) {
    const difference = wanted.map((value, j) => onDevice[i]![j]! - value);
    expect(length(difference)).toBeLessThan(tolerance * length(wanted) + 1e-6);
  }
  if (storage === "bfloat16") expect(onDevice).not.toEqual(onCpu);
});

test("a recorded step computes on the device's routes what it computes as it is", () => {
  const run = (compiled: boolean) => {
    const model = network();
    const body = ({ images }: { images: tf.Tensor }) => {
      const { value, grads } = tf.variableGrads(() => loss(images, model), [...model.weights]);
      for (const weight of model.weights) weight.assign(tf.sub(weight, tf.mul(grads[weight.name]!, 0.1)));
      return [value];
    };
    const step = compileStep(body);
    const losses = [1, 2, 3, 4, 5].map((seed) =>
      tf.tidy(() => {
        const images = normal(random(seed), [3, 5, 5, 3]);
        const [value] = compiled ? step({ images }) : body({ images });
        return value!.dataSync()[0] as unknown as tf.TensorContainer;
      }),
    );
    const statistics = model.statistics.map((tensor) => Array.from(tensor.dataSync()));
    step.dispose();
    model.dispose();
    return { losses, statistics };
  };
  expect(run(true)).toEqual(run(false));
});
