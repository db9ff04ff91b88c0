import type { RunFigures } from "../run-figures";

/** Robust accuracy on training and test images under one attack, after one epoch or at the end. */
export interface RobustAccuracies {
  readonly epoch?: number;
  readonly attack: string;
  readonly train: number;
  readonly test: number;
  /** The robust generalization gap, train minus test, in percentage points. */
  readonly gap: number;
}

/**
 * Robust accuracies after each epoch that has landscapes of both splits under one attack: those at their centres, of the
 * landscape with the most images.
 */
export function robustAlongTraining({ landscapes }: RunFigures): readonly RobustAccuracies[] {
  const largest = [...landscapes].sort((a, b) => b.images - a.images);
  const centres = largest.flatMap(({ epoch, split, attack, points }) => {
    const centre = points.find(({ at }) => at.every((step) => step === 0));
    return centre?.adversarial === undefined ? [] : [{ epoch, split, attack, accuracy: centre.adversarial.accuracy }];
  });
  const trained = centres.filter(({ split }) => split === "train");
  const pairs = trained.flatMap(({ epoch, attack, accuracy }, i) => {
    const same = (other: (typeof centres)[number]) => other.epoch === epoch && other.attack === attack;
    const tested = centres.find((other) => other.split === "test" && same(other));
    const first = trained.findIndex(same) === i;
    return tested === undefined || !first ? [] : [{ epoch, attack, ...gap(accuracy, tested.accuracy) }];
  });
  return pairs.sort((a, b) => a.epoch - b.epoch);
}

/**
 * Robust accuracies of a run's final network: under the attack, of those on both splits, that leaves the least of it on
 * test images; where none is evaluated on both, at the centres of its last landscapes.
 */
export function robustAtEnd(run: RunFigures): RobustAccuracies | undefined {
  const attacked = run.accuracies.filter(({ attack }) => attack !== "natural");
  const pairs = attacked.flatMap(({ split, attack, epsilon, accuracy }) => {
    if (split !== "train") return [];
    const tested = attacked.find(
      (other) => other.split === "test" && other.attack === attack && other.epsilon === epsilon,
    );
    return tested === undefined ? [] : [{ attack, ...gap(accuracy, tested.accuracy) }];
  });
  return pairs.sort((a, b) => a.test - b.test)[0] ?? robustAlongTraining(run).at(-1);
}

function gap(train: number, test: number) {
  return { train, test, gap: 100 * (train - test) };
}
