import { hostUniform } from "@awp/core";
import { requireCount } from "@awp/core/authoring";
import { heldImages } from "./held-images";
import { type Differentiation, hessianOf } from "./hessian";
import { dot } from "./host-vector";
import { draws, requireSharpnessOptions, type SharpnessOptions } from "./options";
import { meanAndDeviation } from "../statistics";

export interface TraceOptions extends SharpnessOptions {
  /** How many vectors are drawn, a product with the Hessian each. @default 10 */
  readonly samples?: number;
}

/** What is told after each product with the Hessian. */
export interface TraceEvent {
  readonly kind: "sample";
  /** vᵀHv of this vector. */
  readonly value: number;
  readonly done: number;
  readonly total: number;
}

/** An estimate of the Hessian's trace, as plain JSON. */
export interface HessianTrace {
  /** The mean over the vectors. */
  readonly trace: number;
  /** The standard error of that mean; 0 for one sample. */
  readonly standardError: number;
  /** vᵀHv of each vector. */
  readonly samples: readonly number[];
  readonly images: number;
  /** How many entries the weights have that move: the order of the Hessian. */
  readonly parameters: number;
  readonly differentiation: Differentiation;
}

/**
 * The trace of the Hessian of the mean loss in the weights, the sum of its eigenvalues, by Hutchinson's estimate: the mean
 * of vᵀHv over vectors v of random signs. Each costs about three gradients over all images.
 *
 * Products are exact where the loss has second derivatives, else central differences: the result says which, and
 * {@link Differentiation} how exact.
 *
 * Yields an event after each product and returns the whole; `drain` of core runs it to the end. Nothing is left on the device.
 *
 * @example
 * const test = () => batches(testSet, { batchSize: 100 });
 * const { trace, standardError } = await drain(hessianTrace({ network, batches: test, samples: 20, random: random(0) }));
 * @throws ArgumentError for options or batches that cannot be meant; AwpError for weights that a perturbation displaces.
 * @see Hutchinson 1989; Yao et al. 2020, arXiv:1912.07145
 */
export async function* hessianTrace(options: TraceOptions): AsyncGenerator<TraceEvent, HessianTrace> {
  const { samples = 10, random } = options;
  const chosen = requireSharpnessOptions(options);
  requireCount("samples", samples);

  const images = await heldImages(options);
  try {
    const hessian = hessianOf(images.loss, chosen, options);
    const values: number[] = [];
    for (let sample = 0; sample < samples; sample++) {
      const draw = hostUniform(random.fold(draws.perturbation).fold(sample), hessian.size);
      const signs = draw.map((u) => (u < 0.5 ? -1 : 1));
      const value = dot(signs, await hessian.apply(signs));
      values.push(value);
      yield { kind: "sample", value, done: sample + 1, total: samples };
    }
    const { mean, deviation } = meanAndDeviation(values);
    return {
      trace: mean,
      standardError: deviation / Math.sqrt(samples),
      samples: values,
      images: images.count,
      parameters: hessian.size,
      differentiation: hessian.differentiation(),
    };
  } finally {
    images.dispose();
  }
}
