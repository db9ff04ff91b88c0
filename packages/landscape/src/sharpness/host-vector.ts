type Numbers = Float32Array | Float64Array | readonly number[];

/** The inner product of two vectors of one length, in double precision. */
export function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** The Euclidean norm, in double precision. */
export function norm(a: Numbers): number {
  return Math.sqrt(dot(a, a));
}

/** Adds a multiple of `b` to `a`, in its place. */
export function addMultiple(a: Float64Array, factor: number, b: Numbers): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + factor * (b[i] as number);
}
