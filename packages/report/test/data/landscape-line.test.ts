import { describe, expect, test } from "vitest";
import { landscapeLinesOf } from "../../src/data/landscape-line";
import { robustAlongTraining, robustAtEnd } from "../../src/data/robust-accuracy";
import type { LandscapeFigures, RunFigures } from "../../src/index";

const line = (seed: number, losses: readonly number[], more: Partial<LandscapeFigures> = {}): LandscapeFigures => ({
  ...{ epoch: 5, split: "train", attack: "pgd", images: 10, directions: [`random, seed ${seed}`] },
  points: losses.map((loss, i) => ({
    at: [i - 1],
    clean: { loss: loss / 2, accuracy: 1 },
    adversarial: { loss, accuracy: 0.5 },
  })),
  ...more,
});

const run = (landscapes: readonly LandscapeFigures[], more: Partial<RunFigures> = {}): RunFigures => ({
  ...{ name: "r", settings: {}, epochs: [], accuracies: [], landscapes },
  ...more,
});

describe("lines of a landscape", () => {
  test("several directions of one kind are a mean and one sample deviation on either side", () => {
    const [mean] = landscapeLinesOf(run([line(1, [4, 1, 4]), line(2, [6, 1, 5]), line(3, [8, 1, 9])]));
    expect(mean).toMatchObject({ count: 3, direction: "random" });
    // 4, 6, 8: mean 6, squares 4 + 0 + 4 over n - 1 = 2. 4, 5, 9: mean 6, squares 4 + 1 + 9 over 2.
    expect(mean!.points).toEqual([
      { alpha: -1, mean: 6, low: 4, high: 8 },
      { alpha: 0, mean: 1, low: 1, high: 1 },
      { alpha: 1, mean: 6, low: 6 - Math.sqrt(7), high: 6 + Math.sqrt(7) },
    ]);
  });

  test("each line's own value at 0 is taken from it before the mean", () => {
    const [shape] = landscapeLinesOf(run([line(1, [4, 1, 4]), line(2, [6, 5, 6])]), { relative: true });
    expect(shape!.points.map(({ mean }) => mean)).toEqual([2, 0, 2]);
    expect(shape!.points[0]!.high).toBeCloseTo(2 + Math.SQRT2, 12);
  });

  test("a landscape of its centre alone is none", () => {
    const points = [{ at: [0], clean: { loss: 1, accuracy: 1 }, adversarial: { loss: 2, accuracy: 1 } }];
    expect(landscapeLinesOf(run([line(1, [], { points })]))).toEqual([]);
  });

  test("other directions, epochs, splits and attacks are lines of their own", () => {
    const others = [{ directions: ["awp"] }, { epoch: 6 }, { split: "test" }, { attack: "fgsm" }];
    const lines = landscapeLinesOf(run([line(1, [1, 1, 1]), ...others.map((more, i) => line(i + 2, [1, 1, 1], more))]));
    expect(lines).toHaveLength(5);
    expect(lines.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1]);
  });

  test("only steps that every direction has are in a mean", () => {
    const [mean] = landscapeLinesOf(run([line(1, [4, 1, 4]), line(2, [4, 1])]));
    expect(mean!.points.map(({ alpha }) => alpha)).toEqual([-1, 0]);
  });

  test("images of another kind are left out", () => {
    expect(landscapeLinesOf(run([line(1, [1, 1, 1])]), { kind: "pregenerated" })).toEqual([]);
  });
});

describe("robust accuracy", () => {
  const centre = (epoch: number, split: string, accuracy: number): LandscapeFigures =>
    line(1, [], {
      epoch,
      split,
      points: [{ at: [0], clean: { loss: 1, accuracy: 1 }, adversarial: { loss: 2, accuracy } }],
    });

  test("along training is that at the centres of both splits' landscapes, and the gap train minus test in points", () => {
    const along = robustAlongTraining(
      run([centre(9, "test", 0.25), centre(9, "train", 0.75), centre(3, "train", 0.5)]),
    );
    expect(along).toEqual([{ epoch: 9, attack: "pgd", train: 0.75, test: 0.25, gap: 50 }]);
  });

  test("are those of the most images", () => {
    const few = { ...centre(9, "train", 0.5), images: 2 };
    const [along] = robustAlongTraining(run([few, centre(9, "train", 0.75), centre(9, "test", 0.25)]));
    expect(along?.train).toBe(0.75);
  });

  test("at the end is under the attack on both splits that leaves the least of it", () => {
    const under = (split: string, attack: string, accuracy: number) => ({
      split,
      attack,
      epsilon: 0.1,
      accuracy,
      images: 8,
    });
    const accuracies = [
      ...[under("train", "natural", 1), under("test", "natural", 0.125)],
      ...[under("train", "fgsm", 0.75), under("test", "fgsm", 0.5)],
      ...[under("train", "pgd", 0.625), under("test", "pgd", 0.25), under("test", "square", 0.1)],
    ];
    const end = robustAtEnd(run([centre(9, "test", 0.1), centre(9, "train", 0.2)], { accuracies }));
    expect(end).toEqual({ attack: "pgd", train: 0.625, test: 0.25, gap: 37.5 });
  });
});
