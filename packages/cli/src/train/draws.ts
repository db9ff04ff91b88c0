/** What each fold of a run's seed is for. */
export const draws = { images: 0, weights: 1, evaluation: 2, training: 3 } as const;
