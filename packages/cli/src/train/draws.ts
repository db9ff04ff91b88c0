/** What each fold of a run's seed is for; others are the pipeline's, and so is this evaluation. */
export const draws = { images: 0, evaluation: 2 } as const;
