import { expect, test } from "vitest";
import { gapAlongTraining, type LandscapeFigures, type RunFigures } from "../../src/index";

const landscape = (epoch: number, split: string, seed: number, losses: readonly number[]): LandscapeFigures => ({
  ...{ epoch, split, attack: "pgd", images: 10, directions: [`random, seed ${seed}`] },
  points: losses.map((loss, i) => ({
    at: [i],
    clean: { loss: 0, accuracy: 1 },
    adversarial: { loss, accuracy: 0.5 },
  })),
});

test("epochs are compared along the directions that all of them have", () => {
  const landscapes = [
    ...[landscape(1, "train", 1, [3, 4]), landscape(2, "train", 1, [1, 6]), landscape(2, "train", 2, [1, 90])],
    ...[landscape(1, "test", 1, [3]), landscape(2, "test", 1, [2])],
  ];
  const run: RunFigures = { name: "AT", settings: {}, epochs: [], accuracies: [], landscapes };
  const lines = gapAlongTraining(run).concat.at(-1) as unknown as { data: { values: { mean: number }[] } };
  expect(lines.data.values.map(({ mean }) => mean)).toEqual([3, 4, 1, 6]);
});
