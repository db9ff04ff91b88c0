/** How far a run has come: so many epochs, and so many steps of the one after them. */
export interface Position {
  /** Epochs done: 0 before the first is. */
  readonly epochs: number;
  /** Steps done of the next epoch: 0 between two epochs. */
  readonly step: number;
}

/**
 * Negative where `a` comes before `b` in a run, positive where it comes after, and 0 where they are the same.
 *
 * @example
 * const [newest] = [...positions].sort(comparePositions).reverse();
 */
export function comparePositions(a: Position, b: Position): number {
  return a.epochs - b.epochs || a.step - b.step;
}
