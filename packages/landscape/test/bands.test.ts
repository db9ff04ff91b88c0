import { expect, it } from "vitest";
import { bands, type LandscapePoint } from "../src/index";

const point = (at: number, loss: number, adversarial?: number): LandscapePoint => ({
  at: [at],
  clean: { loss, accuracy: loss / 10 },
  ...(adversarial !== undefined && { adversarial: { loss: adversarial, accuracy: 0 } }),
});
const of = (...points: readonly LandscapePoint[]) => ({ points });

it("bands have mean, deviation of the sample and range of each figure", () => {
  const [first, second] = bands([of(point(0, 1, 5), point(1, 2, 5)), of(point(0, 3, 5), point(1, 2, 8))]);
  expect(first!.at).toEqual([0]);
  expect(first!.clean.loss).toEqual({ mean: 2, deviation: Math.SQRT2, least: 1, most: 3 });
  expect(first!.clean.accuracy.mean).toBeCloseTo(0.2, 12);
  expect(second!.adversarial!.loss).toMatchObject({ mean: 6.5, least: 5, most: 8 });
  expect(first).not.toHaveProperty("pregenerated");
});

it("a single landscape's band has no width", () => {
  const [only] = bands([of(point(0, -2))]);
  expect(only!.clean.loss).toEqual({ mean: -2, deviation: 0, least: -2, most: -2 });
});

it("landscapes of other points or figures have no band together", () => {
  expect(() => bands([])).toThrow("landscapes: got 0");
  expect(() => bands([of(point(0, 1)), of(point(1, 1))])).toThrow("landscapes[1].points");
  expect(() => bands([of(point(0, 1)), of(point(0, 1), point(1, 1))])).toThrow("landscapes[1].points");
  expect(() => bands([of(point(0, 1)), of(point(0, 1, 2))])).toThrow("landscapes[1].points");
});
