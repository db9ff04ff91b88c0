import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";

const side = fc.integer({ min: 1, max: 7 });
/** A convolution or a pooling of an image. */
export interface Geometry {
  readonly shape: [number, number, number, number];
  readonly window: [number, number];
  readonly stride: number;
  readonly channels: number;
  readonly pad: "same" | "valid";
  readonly dilation: number;
}

export const geometry: fc.Arbitrary<Geometry> = fc.record({
  shape: fc.tuple(fc.integer({ min: 1, max: 3 }), side, side, fc.integer({ min: 1, max: 3 })),
  window: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  stride: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 3 }),
  pad: fc.constantFrom("same", "valid" as const),
  dilation: fc.integer({ min: 1, max: 2 }),
});
export const ramp = (shape: readonly number[], frequency: number): tf.Tensor4D => {
  const count = shape.reduce((size, n) => size * n, 1);
  return tf.tensor4d(
    Array.from({ length: count }, (_, i) => Math.sin(frequency * i)),
    shape as [number, number, number, number],
  );
};
