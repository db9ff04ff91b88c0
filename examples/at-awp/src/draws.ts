/** What each fold of the demo's seed is for. */
export const draws = { images: 0, weights: 1, evaluation: 2, training: 3 } as const;
