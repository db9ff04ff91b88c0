import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onTorch, torch } from "../torch";
import { image, onCpuRoutes, onDeviceRoutes, rounded, type Storage } from "./device-routes";
import {
  cases,
  draw,
  epsilon,
  expectClose,
  largestOf,
  precision,
  reference,
  referenceGradient,
  type Shape,
  storages,
  vector,
} from "./loops";

onTorch();
onDeviceRoutes();

const forward = (name: string, x: tf.Tensor, scale: readonly number[], offset: readonly number[]): tf.Tensor[] =>
  tf.engine().runKernel(name, { x, scale: tf.tensor1d([...scale]), offset: tf.tensor1d([...offset]) }, { epsilon });

describe.each(cases)("batch norm of $shape in $storage", ({ shape, storage }) => {
  const channels = shape[3];

  test.each(["none", "relu"])("is that of loops in double, activation %s", (activation) => {
    tf.tidy(() => {
      const [values, scale, offset] = [draw(1, shape, storage), vector(2, channels), vector(3, channels)];
      const name = activation === "relu" ? "BatchNormTrainingRelu" : "BatchNormTraining";
      const [y, mean, variance] = forward(name, image(values, shape, storage), scale, offset);
      const wanted = reference(values, scale, offset);
      const activated = activation === "relu" ? wanted.y.map((value) => Math.max(value, 0)) : wanted.y;
      expectClose(y!.dataSync(), activated, precision[storage]);
      expectClose(mean!.dataSync(), wanted.mean, 1e-6);
      expectClose(variance!.dataSync(), wanted.variance, 1e-5);
    });
  });

  test.each(["none", "relu"])("its gradient is that of loops in double, activation %s", (activation) => {
    tf.tidy(() => {
      const [values, scale] = [draw(1, shape, storage), vector(2, channels)];
      const { mean, variance } = reference(values, scale, scale);
      const [dy, y] = [draw(4, shape, storage), draw(5, shape, storage)];
      const reached = activation === "relu" ? dy.map((value, i) => (y[i]! > 0 ? value : 0)) : dy;
      const statistics = [scale, mean, variance].map((list) => rounded(list, "float32"));
      const wanted = referenceGradient(reached, values, statistics[0]!, statistics[1]!, statistics[2]!);
      const [dx, dScale, dOffset] = gradient(activation, [dy, values, y], shape, storage, statistics);
      const terms = dy.map((value, i) => (scale[i % channels]! * value) / Math.sqrt(variance[i % channels]! + epsilon));
      expectClose(dx!.dataSync(), wanted.dx, precision[storage], largestOf(terms));
      expectClose(dScale!.dataSync(), wanted.dScale, 1e-4);
      expectClose(dOffset!.dataSync(), wanted.dOffset, 1e-4);
    });
  });
});

function gradient(
  activation: string,
  images: readonly (readonly number[])[],
  shape: Shape,
  storage: Storage,
  [scale, mean, variance]: readonly (readonly number[])[],
): tf.Tensor[] {
  const [dy, x, y] = images.map((values) => image(values, shape, storage));
  const vectors = {
    scale: tf.tensor1d([...scale!]),
    mean: tf.tensor1d([...mean!]),
    variance: tf.tensor1d([...variance!]),
  };
  return activation === "relu"
    ? tf.engine().runKernel("BatchNormTrainingReluGrad", { dy: dy!, x: x!, y: y!, ...vectors }, { epsilon })
    : tf.engine().runKernel("BatchNormTrainingGrad", { dy: dy!, x: x!, ...vectors }, { epsilon });
}

test.each(storages)("moves running statistics with the batch's, images in %s", (storage) => {
  tf.tidy(() => {
    const shape: Shape = [2, 5, 5, 11];
    const values = draw(1, shape, storage);
    const [mean, variance] = [vector(6, 11), vector(7, 11)];
    const inputs = {
      x: image(values, shape, storage),
      scale: tf.ones([11]),
      offset: tf.zeros([11]),
      runningMean: tf.tensor1d(mean),
      runningVariance: tf.tensor1d(variance),
    };
    const attributes = { epsilon, momentum: 0.3, unbias: 50 / 49 };
    const outputs = tf.engine().runKernel<tf.Tensor[]>("BatchNormTraining", inputs, attributes);
    const batch = reference(values, Array(11).fill(1), Array(11).fill(0));
    const moved = (average: number[], towards: number[], factor: number) =>
      average.map((value, c) => 0.7 * value + 0.3 * factor * towards[c]!);
    expectClose(outputs[3]!.dataSync(), moved(mean, batch.mean, 1), 1e-5);
    expectClose(outputs[4]!.dataSync(), moved(variance, batch.variance, 50 / 49), 1e-5);
  });
});

describe.each(cases)("evaluation batch norm of $shape in $storage", ({ shape, storage }) => {
  test.each(["scale and offset", "neither"])("with %s is that of loops in double", (given) => {
    tf.tidy(() => {
      const channels = shape[3];
      const values = draw(1, shape, storage);
      const [mean, variance] = [vector(2, channels), vector(3, channels).map(Math.abs)];
      const [scale, offset] = [vector(4, channels), vector(5, channels)];
      const x = image(values, shape, storage);
      const before = torch().stats().bytes;
      const options = given === "neither" ? [] : [tf.tensor1d(offset), tf.tensor1d(scale)];
      const y = tf.batchNorm(x, tf.tensor1d(mean), tf.tensor1d(variance), options[0], options[1], epsilon);
      const wanted = values.map((value, i) => {
        const c = i % channels;
        const normalized = (value - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
        return given === "neither" ? normalized : normalized * scale[c]! + offset[c]!;
      });
      expectClose(y.dataSync(), wanted, precision[storage]);
      const vectors = (2 + options.length) * channels * 4;
      expect(torch().stats().bytes - before).toBe(x.size * (storage === "bfloat16" ? 2 : 4) + vectors);
    });
  });
});

test("the gradient is the slope of the loops in double", () => {
  tf.tidy(() => {
    const shape: Shape = [2, 2, 3, 3];
    const [x, scale, offset, weight] = [
      draw(1, shape, "float32"),
      vector(2, 3),
      vector(3, 3),
      draw(4, shape, "float32"),
    ];
    const loss = (values: readonly number[], scales: readonly number[]) =>
      reference(values, scales, offset).y.reduce((total, value, i) => total + value * weight[i]!, 0);
    const slope = (list: readonly number[], f: (list: readonly number[]) => number) =>
      list.map((_, i) => {
        const moved = (by: number) => list.map((value, j) => (i === j ? value + by : value));
        return (f(moved(1e-4)) - f(moved(-1e-4))) / 2e-4;
      });
    const { mean, variance } = reference(x, scale, offset);
    const [dx, dScale] = gradient("none", [weight, x, x], shape, "float32", [scale, mean, variance]);
    expectClose(
      dx!.dataSync(),
      slope(x, (values) => loss(values, scale)),
      1e-4,
    );
    expectClose(
      dScale!.dataSync(),
      slope(scale, (scales) => loss(x, scales)),
      1e-4,
    );
  });
});

test("images in bfloat16 stay so: nothing is stored in float32 but the statistics", () => {
  tf.tidy(() => {
    const shape: Shape = [2, 8, 8, 16];
    const x = image(draw(1, shape, "bfloat16"), shape, "bfloat16");
    const [scale, offset] = [tf.ones([16]), tf.zeros([16])];
    const before = torch().stats().bytes;
    const [y, mean, variance] = tf
      .engine()
      .runKernel<tf.Tensor[]>("BatchNormTrainingRelu", { x, scale, offset }, { epsilon }) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    expect(torch().stats().bytes - before).toBe(x.size * 2 + 2 * 16 * 4);
    const gradients = { dy: x, x, scale, mean, variance, y };
    tf.engine().runKernel("BatchNormTrainingReluGrad", gradients, { epsilon });
    expect(torch().stats().bytes - before).toBe(x.size * 4 + 4 * 16 * 4);
  });
});

test("the same images give the same bits, whatever ran before", () => {
  tf.tidy(() => {
    const shape: Shape = [2, 61, 67, 12];
    const x = image(draw(1, shape, "float32"), shape, "float32");
    const run = () =>
      forward("BatchNormTraining", x, vector(2, 12), vector(3, 12)).map((tensor) => Array.from(tensor.dataSync()));
    const first = run();
    forward(
      "BatchNormTraining",
      image(draw(2, [3, 1, 1, 300], "float32"), [3, 1, 1, 300], "float32"),
      vector(2, 300),
      vector(3, 300),
    );
    expect(run()).toEqual(first);
  });
});

const wrongSizes = [
  ["BatchNormTraining", { scale: 6 }, /scale has 6 values for 7 channels/],
  ["BatchNormTrainingRelu", { offset: 8 }, /offset has 8 values for 7 channels/],
  ["BatchNormTrainingGrad", { mean: 1 }, /mean has 1 values for 7 channels/],
  ["BatchNormTrainingReluGrad", { variance: 14 }, /variance has 14 values for 7 channels/],
] as const;

test.each(wrongSizes)("%s refuses %j on the device and on the CPU", (name, sizes, message) => {
  tf.tidy(() => {
    const x = tf.ones([2, 3, 3, 7]);
    const vectors = { scale: 7, offset: 7, mean: 7, variance: 7, ...sizes };
    const inputs = Object.fromEntries(Object.entries(vectors).map(([key, size]) => [key, tf.ones([size])]));
    const call = () => tf.engine().runKernel(name, { x, dy: x, y: x, ...inputs }, { epsilon });
    expect(call).toThrow(message);
    expect(() => onCpuRoutes(call)).toThrow(message);
  });
});

test("images of random sizes give what the CPU's loops give, or are refused as there", () => {
  const size = fc.integer({ min: 0, max: 9 });
  const channels = fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(0, 128, 513));
  const storage = fc.constantFrom(...storages);
  fc.assert(
    fc.property(
      size,
      size,
      size,
      channels,
      storage,
      fc.boolean(),
      (batch, height, width, depth, stored, relu): boolean => {
        const shape: Shape = [batch, height, width, depth];
        return tf.tidy(() => {
          const values = draw(batch + 1, shape, stored);
          const run = () => {
            try {
              const scale = vector(2, depth);
              const x = values.length > 0 ? image(values, shape, stored) : tf.zeros([...shape]);
              const name = relu ? "BatchNormTrainingRelu" : "BatchNormTraining";
              return forward(name, x, scale, scale).map((tensor) => Array.from(tensor.dataSync()));
            } catch (error) {
              return (error as Error).message;
            }
          };
          const [onDevice, onCpu] = [run(), onCpuRoutes(run)];
          if (typeof onCpu === "string" || typeof onDevice === "string") return onDevice === onCpu;
          for (const [i, wanted] of onCpu.entries()) expectClose(onDevice[i]!, wanted, precision[stored]);
          return true;
        });
      },
    ),
    { numRuns: 25 },
  );
});
