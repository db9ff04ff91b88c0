/**
 * What convolutions and products multiply: float32, TF32, which keeps 10 bits of the mantissa, or bfloat16, which keeps
 * 7, and in which torch stores what they make, too.
 */
export const precisions = ["float32", "tf32", "bfloat16"] as const;

export type Precision = (typeof precisions)[number];

/*
 * Where they come from. A rounding to bfloat16 is off by 2⁻⁹ at most and 2⁻¹⁰ on average. An image, a filter and a result
 * are rounded in each of 16 layers, independently, so that the logits are off by √48 · 2⁻¹⁰ = 0.7 %: seven times that is
 * let pass. A gradient is off by more than its roundings: of inputs of ReLU that are normal and off by 0.7 % a share of
 * 0.3 % change their sign, and what changes is the whole of a gradient there; over 16 layers √(16 · 0.003) = 22 %, the
 * worst of the parameters twice that, and half again where batch normalisation rounds, too. PGD and AWP follow that
 * gradient, and a step's change is off by as much.
 */
const tolerances: readonly (readonly [figure: RegExp, Readonly<Record<Precision, number>>])[] = [
  [/^(logits|loss)$/, { float32: 1e-5, tf32: 1e-2, bfloat16: 5e-2 }],
  // One ReLU whose input is zero but for rounding moves a gradient by as much.
  [/gradient/, { float32: 1e-2, tf32: 1e-1, bfloat16: 7e-1 }],
  // PGD takes signs, which fork where a pixel's gradient is near zero.
  [/: loss$/, { float32: 1e-3, tf32: 5e-2, bfloat16: 5e-2 }],
  [/: change/, { float32: 1e-1, tf32: 5e-1, bfloat16: 7e-1 }],
];

/** How far a figure may be from the reference's, relative. */
export function toleranceOf(figure: string, precision: Precision): number {
  return tolerances.find(([pattern]) => pattern.test(figure))![1][precision];
}
