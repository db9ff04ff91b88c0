export interface Spread {
  readonly mean: number;
  /** The standard deviation of one figure, n − 1 in the denominator; of a single one there is none. */
  readonly deviation: number | undefined;
}

/** The mean of the figures, of which there is at least one, and how they vary. */
export function spread(figures: readonly number[]): Spread {
  const count = figures.length;
  const mean = figures.reduce((sum, each) => sum + each, 0) / count;
  const squares = figures.reduce((sum, each) => sum + (each - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : undefined };
}
