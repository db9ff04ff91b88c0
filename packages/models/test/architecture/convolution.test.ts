import { normal, random } from "@awp/core";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { convolution } from "../../src/architecture/convolution";
import { parameterStore } from "../../src/architecture/parameter-store";

/** PyTorch's definition: output (i, j) sees the input from (i·stride − padding, j·stride − padding) on. */
function torchConvolution(x: number[][][], filter: number[][][][], stride: number): number[][][] {
  const size = filter.length;
  const padding = (size - 1) / 2;
  const outputSize = (length: number) => Math.floor((length + 2 * padding - size) / stride) + 1;
  const [height, width] = [x.length, x[0]?.length as number];
  return Array.from({ length: outputSize(height) }, (_, i) =>
    Array.from({ length: outputSize(width) }, (_, j) =>
      (filter[0]?.[0]?.[0] as number[]).map((_, output) => {
        let sum = 0;
        for (const [a, row] of filter.entries())
          for (const [b, taps] of row.entries())
            for (const [input, weights] of taps.entries())
              sum +=
                (x[i * stride - padding + a]?.[j * stride - padding + b]?.[input] ?? 0) * (weights[output] as number);
        return sum;
      }),
    ),
  );
}

it.each([
  { size: 3, stride: 1, shape: [5, 6] },
  { size: 3, stride: 2, shape: [6, 8] },
  { size: 3, stride: 2, shape: [7, 5] },
  { size: 1, stride: 1, shape: [4, 3] },
  { size: 1, stride: 2, shape: [6, 7] },
] as const)(
  "convolution is PyTorch's with filters of $size, stride $stride, images $shape",
  async ({ size, stride, shape }) => {
    const store = parameterStore(random(1));
    const layer = convolution(store, "conv", { inputs: 2, outputs: 3, size, stride });
    const x = normal(random(2), [1, ...shape, 2]) as tf.Tensor4D;
    const filter = store.parameters.get("conv.weight") as tf.Variable;
    const [image] = await x.array();
    const expected = torchConvolution(image!, (await filter.array()) as number[][][][], stride);
    const output = layer(x);
    expect(output.shape.slice(1)).toEqual([expected.length, expected[0]?.length, 3]);
    const difference = tf.max(tf.abs(tf.sub(output, tf.tensor4d([expected]))));
    expect((await difference.data())[0]).toBeLessThan(1e-5);
    // Linear in either: ⟨y, dy⟩ = ⟨x, dx⟩ = ⟨filter, d filter⟩.
    const dy = normal(random(3), output.shape);
    const { value: sum, grads } = tf.variableGrads(() => tf.sum(tf.mul(layer(x), dy)), [filter]);
    const dx = tf.grad((image) => layer(image as tf.Tensor4D))(x, dy);
    const [inner] = await sum.data();
    expect((await tf.sum(tf.mul(x, dx)).data())[0]).toBeCloseTo(inner!, 4);
    expect((await tf.sum(tf.mul(filter, grads[filter.name]!)).data())[0]).toBeCloseTo(inner!, 4);
    filter.dispose();
  },
);
