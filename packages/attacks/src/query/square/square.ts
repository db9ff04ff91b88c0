import {
  type Images,
  type Labels,
  type Logits,
  margin,
  misclassified,
  type ThreatModel,
  type TrackingAttack,
} from "@awp/core";
import { perImage, requireArgument, requireCount, requireThreatModel } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { AttackState, Problem } from "../../engine/iterative";
import { comparable } from "../../engine/not-a-number";
import { bumps } from "./bumps";
import { squareFraction } from "./schedule";
import { stripes } from "./stripes";
import { tracking } from "../../engine/tracking";

/** The threat model and how long Square searches. */
export interface SquareOptions extends ThreatModel {
  /** Queries for each example, with the one for the starting point. @default 5000 */
  readonly queries?: number;
  /** The fraction of the image that the first windows cover. @default 0.8 */
  readonly fraction?: number;
  /** Squeezes the schedule of the windows, made for 10,000 queries, into `queries`. AutoAttack does not. @default false */
  readonly rescaleSchedule?: boolean;
}

/** Square under way: every tensor has the batch for its first axis. */
export type SquareState = AttackState<SquareIterate>;

interface SquareIterate extends Readonly<Record<string, Tensor>> {
  readonly images: Images;
  /** The best wrong logit above the right one, on `images`. */
  readonly gap: Tensor1D;
  /** 1 where the classifier errs on `images`, int32. */
  readonly broken: Tensor1D;
  /** The query that broke it, int32. */
  readonly query: Tensor1D;
}

/**
 * The Square attack: random search that changes one window per query and keeps what raises the margin or makes the
 * classifier err. Uses logits only, no gradients.
 *
 * Windows are the same for all examples of a batch and drawn without their keys, so that results do not depend on the
 * batch size. Returns the image that broke the classifier, else the one with the largest margin. An image that is
 * misclassified already stays. The result's `iteration` is the query that broke the image, 0 for none needed; its
 * objective the margin. Takes one forward pass per query, and one on the clean images.
 *
 * @example
 * const attack = square({ norm: "linf", epsilon: 8 / 255, queries: 5000 });
 * const adversarial = attack(classifier, images, labels, random(0));
 * @throws ArgumentError for an option out of range; at the start if the key of the randomness is a tensor, because the
 * places of the windows are drawn on the host.
 * @see Andriushchenko et al. 2020, arXiv:1912.00049
 */
export function square(options: SquareOptions): TrackingAttack<SquareState> {
  const { norm, queries = 5000, fraction = 0.8, rescaleSchedule = false } = options;
  requireThreatModel(options);
  requireCount("queries", queries);
  requireArgument(fraction > 0 && fraction <= 1, "fraction", fraction, "a number above 0, at most 1");
  const { start, propose } = norm === "linf" ? stripes(options) : bumps(options);

  return tracking<SquareIterate>({
    iterations: queries - 1,
    start: (problem) => {
      const { classifier, x, y } = problem;
      const { gap, broken } = judged(classifier(x), y);
      const done = tf.cast<Tensor1D>(broken, "bool");
      // Any start is better than an image that is still right, whatever its margin.
      const lowest = tf.where(done, gap, tf.fill<tf.Rank.R1>(gap.shape, Number.NEGATIVE_INFINITY));
      const clean = { images: x, gap: lowest, broken, query: tf.zeros<tf.Rank.R1>(gap.shape, "int32") };
      return keepBetter(problem, clean, start(problem), 1);
    },
    iterate: (problem, current, index) => {
      const query = index + 1;
      const p = squareFraction(query, fraction, rescaleSchedule ? queries : undefined);
      return keepBetter(problem, current, propose(problem, current.images, query, p), query + 1);
    },
    broken: ({ broken }) => broken,
    result: (_problem, { images, gap, broken, query }, done) => ({
      images: tf.clone(images),
      broken: tf.clone(broken),
      iteration: tf.where(tf.cast(broken, "bool"), query, tf.fill(query.shape, done + 1, "int32")),
      objective: tf.clone(gap),
    }),
  });
}

/** Takes the candidates that are better, for the examples that are not broken yet. */
function keepBetter(
  { classifier, y }: Problem,
  current: SquareIterate,
  candidate: Images,
  query: number,
): SquareIterate {
  const { gap, broken } = judged(classifier(candidate), y);
  const better = tf.logicalOr(tf.greater(gap, current.gap), tf.greaterEqual(gap, 0));
  const taken = tf.logicalAnd<Tensor1D>(better, tf.equal(current.broken, tf.scalar(0, "int32")));
  const now = tf.where(taken, broken, current.broken);
  return {
    images: tf.where(perImage(taken), candidate, current.images),
    gap: tf.where(taken, gap, current.gap),
    broken: now,
    query: tf.where(tf.greater(now, current.broken), tf.fill(current.query.shape, query, "int32"), current.query),
  };
}

function judged(logits: Logits, y: Labels): { gap: Tensor1D; broken: Tensor1D } {
  const broken = misclassified(logits, y);
  return { gap: comparable(margin(logits, y), broken), broken };
}
