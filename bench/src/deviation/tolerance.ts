/** What a convolution multiplies in: TF32 keeps 10 bits of the mantissa. */
export const precisions = ["float32", "tf32"] as const;

export type Precision = (typeof precisions)[number];

const tolerances: readonly (readonly [figure: RegExp, Readonly<Record<Precision, number>>])[] = [
  [/^(logits|loss)$/, { float32: 1e-5, tf32: 1e-2 }],
  // One ReLU whose input is zero but for rounding moves a gradient by as much.
  [/gradient/, { float32: 1e-2, tf32: 1e-1 }],
  // PGD takes signs, which fork where a pixel's gradient is near zero.
  [/^step: loss$/, { float32: 1e-3, tf32: 5e-2 }],
  [/^step: change/, { float32: 1e-1, tf32: 5e-1 }],
];

/** How far a figure may be from the reference's, relative. */
export function toleranceOf(figure: string, precision: Precision): number {
  return tolerances.find(([pattern]) => pattern.test(figure))![1][precision];
}
