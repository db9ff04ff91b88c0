import {
  type AttackResult,
  type Classifier,
  type Images,
  type IterativeAttack,
  type Labels,
  type Logits,
  misclassified,
  type Random,
} from "@awp/core";
import { requireArgument, requireLabels } from "@awp/core/authoring";
import * as tf from "@tensorflow/tfjs-core";
import type { Rank, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import { comparable } from "./not-a-number";

/** What an attack is started with. */
export interface Problem {
  readonly classifier: Classifier;
  readonly x: Images;
  readonly y: Labels;
  readonly random: Random;
}

/** What an attack carries from one iteration to the next: tensors of its own, none of the problem's. */
export type Iterate = { readonly images: Images } & Readonly<Record<string, Tensor>>;

/** The parts of an attack whose answer is its last iterate; the temporary tensors of each are freed. */
export interface IterativeParts<I extends Iterate> {
  readonly iterations: number;
  start(problem: Problem): I;
  /** Takes iteration number `index`, from 0. May hand on tensors of the previous iterate; the others are disposed. */
  iterate(problem: Problem, previous: I, index: number): I;
  /** What the attack ascends, per example `[batch]`. */
  objective(problem: Problem, logits: Logits, iterate: I): Tensor1D;
}

/** An attack under way; it owns its tensors. */
export interface AttackState<I extends Iterate> {
  readonly problem: Problem;
  readonly iterate: I;
  readonly done: number;
}

/**
 * Makes an {@link IterativeAttack} of its parts; the plain call computes nothing that it does not return.
 *
 * @example
 * // 100 random points of the box around each image, of which the last is the answer.
 * const attack = iterative<{ images: Images }>({
 *   iterations: 100,
 *   start: ({ x }) => ({ images: tf.clone(x) }),
 *   iterate({ x, random }, _, step) {
 *     const tried = tf.add(x, uniform(random.fold(step), x.shape, -8 / 255, 8 / 255));
 *     return { images: tf.clipByValue(tried, 0, 1) as Images };
 *   },
 *   objective: ({ y }, logits) => margin(logits, y),
 * });
 */
export function iterative<I extends Iterate>(parts: IterativeParts<I>): IterativeAttack<AttackState<I>> {
  return runner({
    ...parts,
    images: (_problem, { images }) => images,
    result: (problem, iterate, done) => {
      const { classifier, x, y } = problem;
      const logits = classifier(iterate.images);
      const broken = misclassified(logits, y);
      return {
        images: tf.clone(iterate.images),
        broken,
        iteration: tf.fill<Rank.R1>([x.shape[0]], done, "int32"),
        objective: comparable(parts.objective(problem, logits, iterate), broken),
      };
    },
  });
}

/** What a runner wants of an attack. */
export interface RunnerParts<I extends Iterate> extends Pick<IterativeParts<I>, "iterations" | "start" | "iterate"> {
  /** The images that the plain call returns; may be a tensor of the iterate. */
  images(problem: Problem, iterate: I): Images;
  /** New tensors; what else is made is freed. */
  result(problem: Problem, iterate: I, done: number): AttackResult;
}

/** Runs an attack block by block and owns its tensors on the way. */
export function runner<I extends Iterate>(parts: RunnerParts<I>): IterativeAttack<AttackState<I>> {
  const { iterations } = parts;

  function start(classifier: Classifier, x: Images, y: Labels, random: Random): AttackState<I> {
    requireArgument(x.shape[0] > 0, "x", x.shape, "at least one image, [batch, height, width, channels]");
    requireLabels("y", y, x.shape[0]);
    const problem = { classifier, x: tf.clone(x), y: tf.clone(y), random };
    try {
      return { problem, iterate: tf.tidy(() => parts.start(problem)), done: 0 };
    } catch (error) {
      tf.dispose([problem.x, problem.y]);
      throw error;
    }
  }

  function advance({ problem, iterate, done }: AttackState<I>, count: number): AttackState<I> {
    const end = Math.min(done + count, iterations);
    let current = iterate;
    try {
      for (let i = done; i < end; i++) {
        const previous = current;
        current = tf.tidy(() => parts.iterate(problem, previous, i));
        const kept = Object.values(current);
        tf.dispose(Object.values(previous).filter((tensor) => !kept.includes(tensor)));
      }
    } catch (error) {
      discard({ problem, iterate: current, done });
      throw error;
    }
    return { problem, iterate: current, done: end };
  }

  function finish(state: AttackState<I>): AttackResult {
    try {
      return tf.tidy(() => ({ ...parts.result(state.problem, state.iterate, state.done) }));
    } finally {
      discard(state);
    }
  }

  function discard({ problem, iterate }: AttackState<I>): void {
    tf.dispose([problem.x, problem.y, ...Object.values(iterate)]);
  }

  function attack(classifier: Classifier, x: Images, y: Labels, random: Random): Images {
    return tf.tidy(() => {
      const { problem, iterate } = advance(start(classifier, x, y, random), iterations);
      return parts.images(problem, iterate);
    });
  }

  return Object.assign(attack, { iterations, start, advance, finish, discard });
}
