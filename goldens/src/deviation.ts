/** How far one number is from what it should be, relative to that. */
export function relative(actual: number, expected: number): number {
  return scaled([actual], [expected], Math.abs(expected));
}

/** The largest difference relative to `scale`; infinite for another number of values, or one that is not a number. */
export function scaled(actual: ArrayLike<number>, expected: ArrayLike<number>, scale: number): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((actual[i] as number) - (expected[i] as number));
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, difference);
  }
  return most === 0 ? 0 : most / scale;
}

/** The largest difference relative to the largest value. */
export function relativeToLargest(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  return scaled(actual, expected, largest(expected));
}

/** How many places differ; infinite for another number of them. */
export function mismatches(actual: readonly unknown[], expected: readonly unknown[]): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  return actual.filter((value, index) => value !== expected[index]).length;
}

export function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** The Euclidean norm, summed in double precision. */
export function norm(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) ** 2;
  return Math.sqrt(sum);
}
