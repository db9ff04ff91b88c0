import { hostUniform, type Random } from "@awp/core";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { addMultiple, dot, norm } from "./host-vector";

/** A symmetric operator, and what is wanted of its spectrum. */
export interface LanczosProblem {
  readonly size: number;
  readonly apply: (vector: Float32Array) => Promise<Float32Array>;
  /** How many eigenvalues, at most the size. */
  readonly count: number;
  /** The largest, or the largest in absolute value. */
  readonly order: "algebraic" | "magnitude";
  /** Ends the iteration once each wanted eigenvalue λ has a residual ‖Hu − λu‖ of at most this times |λ|. */
  readonly tolerance: number;
  /** The most products. */
  readonly iterations: number;
  readonly random: Random;
}

/** Eigenvalues so far, in their order, and how well they are known. */
export interface LanczosState {
  readonly eigenvalues: readonly number[];
  /** ‖Hu − λu‖ of each, with the unit vector u: an eigenvalue lies within it. */
  readonly residuals: readonly number[];
  readonly iterations: number;
  readonly converged: boolean;
}

/** What the iteration ends with: eigenvector number k is made when it is asked for, a unit vector. */
export interface LanczosResult extends LanczosState {
  readonly eigenvector: (k: number) => Float32Array;
}

/** Below this share of the operator's size a remainder is rounding: the vectors so far span an invariant space. */
const rounding = 1e-6;

/**
 * The Lanczos iteration with full reorthogonalisation: each product adds a vector to an orthonormal basis, in which the
 * operator is tridiagonal. Yields after each product. The basis stays on the host, in float32: iterations × size × 4 bytes.
 *
 * @see Golub & Van Loan, Matrix Computations, chapter 10
 */
export async function* lanczos(problem: LanczosProblem): AsyncGenerator<LanczosState, LanczosResult> {
  const { size, apply, count, order, tolerance, random } = problem;
  const most = Math.min(problem.iterations, size);
  const basis: Float32Array[] = [];
  const diagonal: number[] = [];
  const beside: number[] = [];
  const fresh = () =>
    orthogonal(
      Float64Array.from(hostUniform(random.fold(basis.length), size), (u) => u - 0.5),
      basis,
    );

  let next = unit(fresh());
  for (;;) {
    basis.push(next);
    const product = Float64Array.from(await apply(next));
    diagonal.push(dot(product, next));
    const remainder = orthogonal(product, basis);
    const coupling = norm(remainder);

    const { realEigenvalues, eigenvectorMatrix } = eigenpairs(diagonal, beside);
    const scale = realEigenvalues.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const rank = (k: number): number =>
      order === "algebraic" ? (realEigenvalues[k] as number) : Math.abs(realEigenvalues[k] as number);
    const wanted = realEigenvalues
      .map((_, k) => k)
      .sort((a, b) => rank(b) - rank(a))
      .slice(0, count);
    const last = basis.length - 1;
    const eigenvalues = wanted.map((k) => realEigenvalues[k] as number);
    const residuals = wanted.map((k) => coupling * Math.abs(eigenvectorMatrix.get(last, k)));
    const known = residuals.every(
      (residual, k) => residual <= Math.max(tolerance * Math.abs(eigenvalues[k] as number), rounding * scale),
    );
    const state: LanczosState = {
      eigenvalues,
      residuals,
      iterations: basis.length,
      converged: known && wanted.length === count,
    };
    yield state;

    if (state.converged || basis.length === most) {
      const eigenvector = (k: number): Float32Array => {
        const sum = new Float64Array(size);
        basis.forEach((vector, row) => addMultiple(sum, eigenvectorMatrix.get(row, wanted[k] as number), vector));
        return unit(sum);
      };
      return { ...state, eigenvector };
    }
    const exhausted = coupling <= rounding * scale;
    beside.push(exhausted ? 0 : coupling);
    next = unit(exhausted ? fresh() : remainder);
  }
}

/** The eigenpairs of a symmetric tridiagonal matrix. */
function eigenpairs(diagonal: readonly number[], beside: readonly number[]): EigenvalueDecomposition {
  const matrix = Matrix.diag([...diagonal]);
  beside.forEach((value, k) => matrix.set(k, k + 1, value).set(k + 1, k, value));
  return new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
}

/** What of a vector is orthogonal to the basis, in the vector's place; taken out again where little was left. */
function orthogonal(vector: Float64Array, basis: readonly Float32Array[]): Float64Array {
  for (;;) {
    const before = norm(vector);
    for (const other of basis) addMultiple(vector, -dot(vector, other), other);
    const after = norm(vector);
    if (after >= 0.1 * before || after <= Number.EPSILON * before) return vector;
  }
}

function unit(vector: Float64Array): Float32Array {
  const length = norm(vector);
  return Float32Array.from(vector, (value) => value / length);
}
