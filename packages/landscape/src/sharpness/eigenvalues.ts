import { requireArgument, requireChoice, requireCount, requirePositive } from "@awp/core/authoring";
import { type Direction, directionOf } from "../direction/direction";
import { heldImages } from "./held-images";
import { type Differentiation, type Hessian, hessianOf } from "./hessian";
import { lanczos, type LanczosResult, type LanczosState } from "./lanczos";
import { draws, requireSharpnessOptions, type SharpnessOptions } from "./options";

export interface EigenvaluesOptions extends SharpnessOptions {
  /** How many. @default 1 */
  readonly count?: number;
  /**
   * Which come first: the largest, as sharpness means, or those of the largest absolute value, as power iteration finds
   * them and among which a negative one may be.
   *
   * @default "algebraic"
   */
  readonly order?: "algebraic" | "magnitude";
  /**
   * How well each is to be known: its residual ‖Hu − λu‖ as a share of |λ|. The error of the eigenvalue is at most that,
   * and usually near the square of it.
   *
   * @default 1e-3
   */
  readonly tolerance?: number;
  /** The most products with the Hessian. One copy of the weights is kept for each of them. @default 50 */
  readonly iterations?: number;
  /** Whether the result has eigenvectors. @default false */
  readonly vectors?: boolean;
}

/** What is told after each product with the Hessian. */
export interface EigenvaluesEvent extends LanczosState {
  readonly kind: "iteration";
}

/** The top of the Hessian's spectrum; without eigenvectors plain JSON. */
export interface HessianEigenvalues {
  /** The eigenvalues, in their order. */
  readonly eigenvalues: readonly number[];
  /** ‖Hu − λu‖ of each: an eigenvalue of the Hessian lies within it, as far as the products are exact. */
  readonly residuals: readonly number[];
  /** Whether all are as well known as asked for. */
  readonly converged: boolean;
  /** Products with the Hessian that it took. */
  readonly iterations: number;
  readonly images: number;
  /** How many entries the weights have that move: the order of the Hessian. */
  readonly parameters: number;
  readonly differentiation: Differentiation;
  /** Where asked for: unit vectors, to draw a landscape along. The caller disposes them. */
  readonly eigenvectors?: readonly Direction[];
}

/**
 * The top eigenvalues of the Hessian of the mean loss in the weights, by the Lanczos iteration on products with it. Each
 * product costs about three gradients over all images; the first eigenvalue of a robust WideResNet-10-1 takes six.
 *
 * Products are exact where the loss has second derivatives, which cross-entropy of the networks of `@awp/models` has, else
 * central differences: the result says which, and {@link Differentiation} how exact. An eigenvalue that is there several
 * times is found once, as in every Krylov method, unless the search runs out of vectors.
 *
 * Yields an event after each product and returns the whole; `drain` of core runs it to the end. Nothing is left on the
 * device but the eigenvectors asked for.
 *
 * @example
 * const test = () => batches(testSet, { batchSize: 100 });
 * const { eigenvalues } = await drain(hessianEigenvalues({ network, batches: test, count: 2, random: random(0) }));
 * @throws ArgumentError for options or batches that cannot be meant; AwpError for weights that a perturbation displaces.
 * @see Yao et al. 2020, arXiv:1912.07145; Pearlmutter 1994 for the products
 */
export async function* hessianEigenvalues(
  options: EigenvaluesOptions,
): AsyncGenerator<EigenvaluesEvent, HessianEigenvalues> {
  const { count = 1, order = "algebraic", tolerance = 1e-3, iterations = 50, vectors = false, random } = options;
  const chosen = requireSharpnessOptions(options);
  const size = [...chosen.values()].reduce((entries, parameter) => entries + parameter.size, 0);
  requireCount("count", count);
  requireArgument(count <= size, "count", count, `at most ${size}, the entries of the weights`);
  requireChoice("order", order, ["algebraic", "magnitude"]);
  requirePositive("tolerance", tolerance);
  requireCount("iterations", iterations, count);

  const images = await heldImages(options);
  try {
    const hessian = hessianOf(images.loss, chosen, options);
    const search = lanczos({
      ...{ size, count, order, tolerance, iterations },
      apply: hessian.apply,
      random: random.fold(draws.perturbation),
    });
    let found: LanczosResult;
    for (;;) {
      const next = await search.next();
      if (next.done === true) {
        found = next.value;
        break;
      }
      yield { kind: "iteration", ...next.value };
    }
    const { eigenvalues, residuals, converged } = found;
    return {
      ...{ eigenvalues, residuals, converged, iterations: found.iterations },
      images: images.count,
      parameters: size,
      differentiation: hessian.differentiation(),
      ...(vectors && { eigenvectors: eigenvalues.map((_, k) => direction(hessian, found, k)) }),
    };
  } finally {
    images.dispose();
  }
}

function direction(hessian: Hessian, found: LanczosResult, k: number): Direction {
  const value = (found.eigenvalues[k] as number).toPrecision(3);
  return directionOf(hessian.tensors(found.eigenvector(k)), `Hessian eigenvector ${k + 1}, λ = ${value}`);
}
