import { describe, expect, test } from "vitest";
import { contours } from "../../src/data/contour";
import { planeGrid } from "../../src/data/plane-grid";
import { samplePlane } from "../sample-runs";

describe("contours of a plane", () => {
  const grid = planeGrid(samplePlane(), "adversarial", "loss");

  test("of the bowl 1 + α² + 2β² lie near its ellipse", () => {
    const level = 1.5;
    const ends = contours(grid, [level]).flatMap(({ alpha, beta, alphaTo, betaTo }) => [
      [alpha, beta],
      [alphaTo, betaTo],
    ]);
    expect(ends.length).toBeGreaterThan(40);
    // Between points that are h apart, a straight line leaves a parabola by h² / 4 of the two curvatures at most.
    for (const [alpha, beta] of ends)
      expect(Math.abs(1 + alpha! ** 2 + 2 * beta! ** 2 - level)).toBeLessThan(3 / 4 / 64);
  });

  test("close: each end is the end of two pieces", () => {
    const counts = new Map<string, number>();
    for (const { alpha, beta, alphaTo, betaTo } of contours(grid, [1.3])) {
      for (const [a, b] of [
        [alpha, beta],
        [alphaTo, betaTo],
      ]) {
        const key = `${a!.toFixed(9)} ${b!.toFixed(9)}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    expect(new Set(counts.values())).toEqual(new Set([2]));
  });

  test("leave out cells that are not known, and levels that are not reached", () => {
    const unknown = { ...grid, values: grid.values.map((row) => row.map(() => null)) };
    expect(contours(unknown, [1.5])).toEqual([]);
    expect(contours(grid, [0.5, 10])).toEqual([]);
  });
});
