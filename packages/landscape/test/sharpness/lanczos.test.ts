import { drain, random } from "@awp/core";
import { expect, test } from "vitest";
import { lanczos, type LanczosProblem } from "../../src/sharpness/lanczos";

/** Searches the spectrum of Q diag(values) Q, with Q = I − 2uuᵀ, which is symmetric and orthogonal. */
function search(values: readonly number[], options: Partial<LanczosProblem> = {}) {
  const size = values.length;
  const raw = values.map((_, i) => Math.sin(i + 1));
  const length = Math.hypot(...raw);
  const u = raw.map((entry) => entry / length);
  const reflected = (v: readonly number[]): number[] => {
    const along = 2 * v.reduce((sum, entry, i) => sum + entry * u[i]!, 0);
    return v.map((entry, i) => entry - along * u[i]!);
  };
  const apply = (v: Float32Array) => {
    const scaled = reflected([...v]).map((entry, i) => entry * values[i]!);
    return Promise.resolve(Float32Array.from(reflected(scaled)));
  };
  const problem = { size, apply, count: 1, order: "algebraic", tolerance: 1e-4, iterations: size } as const;
  return { apply, found: drain(lanczos({ ...problem, random: random(1), ...options })) };
}

const spread = Array.from({ length: 40 }, (_, i) => i / 40);

test("lanczos finds the largest eigenvalues in order, in fewer products than there are dimensions", async () => {
  const { eigenvalues, converged, iterations } = await search([...spread, 5, 3, -9], { count: 2 }).found;
  expect(converged).toBe(true);
  expect(iterations).toBeLessThan(20);
  [5, 3].forEach((value, k) => expect(eigenvalues[k]).toBeCloseTo(value, 3));
});

test("lanczos by magnitude has a negative eigenvalue first where it is the largest in absolute value", async () => {
  const { eigenvalues } = await search([...spread, 5, 3, -9], { count: 2, order: "magnitude" }).found;
  [-9, 5].forEach((value, k) => expect(eigenvalues[k]).toBeCloseTo(value, 3));
});

test("lanczos has unit eigenvectors with Hu = λu", async () => {
  const { apply, found } = search([...spread, 5, 3], { count: 2, tolerance: 1e-5 });
  const { eigenvalues, eigenvector } = await found;
  for (const k of [0, 1]) {
    const u = eigenvector(k);
    expect(Math.hypot(...u)).toBeCloseTo(1, 5);
    (await apply(u)).forEach((value, i) => expect(value).toBeCloseTo(eigenvalues[k]! * u[i]!, 3));
  }
});

test("lanczos goes on with another vector where the ones so far are an invariant space", async () => {
  const { eigenvalues, converged } = await search([2, 2, 2, 1, 1], { count: 5 }).found;
  expect(converged).toBe(true);
  [2, 2, 2, 1, 1].forEach((value, k) => expect(eigenvalues[k]).toBeCloseTo(value, 5));
});

test("lanczos of an operator that is zero ends with zeros", async () => {
  const { eigenvalues, converged } = await search([0, 0, 0], { count: 3 }).found;
  expect(eigenvalues.map(Math.abs)).toEqual([0, 0, 0]);
  expect(converged).toBe(true);
});

test("lanczos says that it has not converged, with residuals that are true bounds", async () => {
  const values = [...spread, 1.05];
  const { eigenvalues, residuals, converged, iterations } = await search(values, { iterations: 5 }).found;
  expect([converged, iterations]).toEqual([false, 5]);
  const nearest = Math.min(...values.map((value) => Math.abs(value - eigenvalues[0]!)));
  expect(nearest).toBeLessThanOrEqual(residuals[0]!);
});
